import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { reverseGraphemes } from "./reverse-graphemes.js";

suite("reverseGraphemes()", () => {
  const cases: [what: string, text: string, reversed: string][] = [
    ["plain letters", "Rodrigo", "ogirdoR"],
    ["nothing", "", ""],
    ["flags", "🇧🇷🇵🇹", "🇵🇹🇧🇷"],
    ["emoji families", "a👨‍👩‍👧‍👦b", "b👨‍👩‍👧‍👦a"],
    ["combining accents", "Jose\u0301!", "!e\u0301soJ"],
    ["composed accents", "João", "oãoJ"],
    ["skin tones", "👍🏽👋", "👋👍🏽"],
    ["right-to-left text", "שלום", "םולש"],
    [
      "Hangul syllables from their parts",
      "\u1112\u1161\u11ab\u1100\u1173\u11af",
      "\u1100\u1173\u11af\u1112\u1161\u11ab",
    ],
    ["CR LF as one", "a\r\nb", "b\r\na"],
    ["percent signs and slashes", "50%/..", "../%05"],
  ];
  for (const [what, text, reversed] of cases) {
    test(`reverses ${what}`, () => {
      assert.equal(reverseGraphemes(text), reversed);
    });
  }
});
