/**
 * The variable that turns the fast lane of services off, if it is set for the
 * tests, for servers that do not inherit their environment: the same tests run
 * both ways.
 */
export function laneVariables(): { FASTLANE?: string } {
  const { FASTLANE } = process.env;
  return FASTLANE === undefined ? {} : { FASTLANE };
}
