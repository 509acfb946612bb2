export { addService } from "./add-service.js";
export { type ServiceNames, spellNames } from "./service-names.js";
