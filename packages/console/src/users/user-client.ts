import { TokenService } from "@both-ends/gen/admin/v1/token_service_pb.js";
import { UserService } from "@both-ends/gen/admin/v1/user_service_pb.js";
import { createClient } from "@connectrpc/connect";
import { transport } from "../transport.js";

/** Manages the people who may log in. */
export const userClient = createClient(UserService, transport);

/** Manages API tokens. */
export const tokenClient = createClient(TokenService, transport);
