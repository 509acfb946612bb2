import { Button, CopyButton } from "@mantine/core";
import { CodeBlock } from "./code-block.js";

/** Text to copy, such as a command or a secret. */
export function CopyLine({ text, label }: { text: string; label: string }) {
  return (
    <div>
      <div className="row spread">
        <span className="small dim">{label}</span>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="default" onClick={copy}>
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
      </div>
      <CodeBlock label={label} text={text} />
    </div>
  );
}
