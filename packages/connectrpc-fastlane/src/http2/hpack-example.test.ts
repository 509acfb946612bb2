import { huffmanCodes, huffmanLengths } from "./hpack-huffman-code.js";
import { staticFields, staticLength } from "./hpack-static-table.js";

/** Makes bytes of hexadecimal digits, of which blanks are left out. */
export function hex(digits: string): Uint8Array {
  return Uint8Array.from(Buffer.from(digits.replaceAll(" ", ""), "hex"));
}

/** Makes fields of a text with one of them in a line, as in RFC 7541. */
export function fieldList(text: string): string[] {
  return text
    .trim()
    .split("\n")
    .flatMap((line) => {
      const at = line.indexOf(": ", 1);
      return [line.slice(0, at).trim(), line.slice(at + 2)];
    });
}

/** Encodes latin1 with the Huffman code, bit by bit. */
export function huffmanOf(text: string): Uint8Array {
  const codes = huffmanCodes();
  let bits = "";
  for (const byte of Buffer.from(text, "latin1")) {
    bits += (codes[byte] ?? 0)
      .toString(2)
      .padStart(huffmanLengths[byte] ?? 0, "0");
  }
  bits = bits.padEnd(Math.ceil(bits.length / 8) * 8, "1");
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) =>
    Number.parseInt(byte, 2),
  );
}

/** How many bytes a list of fields takes, as RFC 9113, section 6.5.2 counts. */
export function listBytes(fields: readonly string[]): number {
  return fields.join("").length + 16 * fields.length;
}

/** All fields of the static table, in order. */
export const wholeStaticTable = staticFields.slice(2, 2 * staticLength + 2);

/** The header blocks of RFC 7541, appendix C, with their fields. */
export const examples: {
  section: string;
  tableBytes?: number;
  blocks: { bytes: string; fields: string }[];
}[] = [
  {
    section: "C.2.1",
    blocks: [
      {
        bytes:
          "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572",
        fields: "custom-key: custom-header",
      },
    ],
  },
  {
    section: "C.2.2",
    blocks: [
      {
        bytes: "040c 2f73 616d 706c 652f 7061 7468",
        fields: ":path: /sample/path",
      },
    ],
  },
  {
    section: "C.2.3",
    blocks: [
      {
        bytes: "1008 7061 7373 776f 7264 0673 6563 7265 74",
        fields: "password: secret",
      },
    ],
  },
  { section: "C.2.4", blocks: [{ bytes: "82", fields: ":method: GET" }] },
  ...[
    {
      section: "C.3",
      bytes: [
        "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "8286 84be 5808 6e6f 2d63 6163 6865",
        "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
      ],
    },
    {
      section: "C.4",
      bytes: [
        "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
        "8286 84be 5886 a8eb 1064 9cbf",
        "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
      ],
    },
  ].map(({ section, bytes }) => ({
    section,
    blocks: [
      `
:method: GET
:scheme: http
:path: /
:authority: www.example.com`,
      `
:method: GET
:scheme: http
:path: /
:authority: www.example.com
cache-control: no-cache`,
      `
:method: GET
:scheme: https
:path: /index.html
:authority: www.example.com
custom-key: custom-value`,
    ].map((fields, i) => ({ bytes: bytes[i] ?? "", fields })),
  })),
  ...[
    {
      section: "C.5",
      bytes: [
        "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "4803 3330 37c1 c0bf",
        "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31",
      ],
    },
    {
      section: "C.6",
      bytes: [
        "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
        "4883 640e ffc1 c0bf",
        "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07",
      ],
    },
  ].map(({ section, bytes }) => ({
    section,
    tableBytes: 256,
    blocks: [
      `
:status: 302
cache-control: private
date: Mon, 21 Oct 2013 20:13:21 GMT
location: https://www.example.com`,
      `
:status: 307
cache-control: private
date: Mon, 21 Oct 2013 20:13:21 GMT
location: https://www.example.com`,
      `
:status: 200
cache-control: private
date: Mon, 21 Oct 2013 20:13:22 GMT
location: https://www.example.com
content-encoding: gzip
set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1`,
    ].map((fields, i) => ({ bytes: bytes[i] ?? "", fields })),
  })),
];
