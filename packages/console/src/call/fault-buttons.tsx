import type { DescMethod } from "@bufbuild/protobuf";
import { Button } from "@mantine/core";

const faults = [
  "not_found",
  "unavailable",
  "deadline_exceeded",
  "permission_denied",
  "resource_exhausted",
  "key_error",
  "exception",
];

const services = new Set([
  "revertname.v1.RevertNameService",
  "edge.v1.EdgeService",
]);

/** What {@link FaultButtons} is given. */
export interface FaultButtonsProps {
  method: DescMethod;
  onFault(name: string): void;
}

/** Calls that fail on purpose, for methods where a name can ask for it. */
export function FaultButtons({ method, onFault }: FaultButtonsProps) {
  if (!services.has(method.parent.typeName)) {
    return null;
  }
  return (
    <fieldset style={{ border: 0, margin: 0, padding: 0 }}>
      <legend className="small dim" style={{ padding: 0, marginBottom: 8 }}>
        Let it fail: the name says how. Works where FAULT_INJECTION is true.
      </legend>
      <div className="row">
        {faults.map((fault) => (
          <Button
            key={fault}
            size="compact-sm"
            variant="default"
            onClick={() => onFault(fault)}
          >
            {fault}
          </Button>
        ))}
      </div>
    </fieldset>
  );
}
