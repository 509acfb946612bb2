import { Role } from "@both-ends/gen/admin/v1/access_pb.js";

/** Roles in words. */
export const roleNames: Record<Role, string> = {
  [Role.UNSPECIFIED]: "–",
  [Role.VIEWER]: "Viewer",
  [Role.OPERATOR]: "Operator",
};

/** Roles to choose from. */
export const roleChoices = [Role.VIEWER, Role.OPERATOR].map((role) => ({
  value: String(role),
  label: roleNames[role],
}));
