/** From which sites the pages of an app may ask for tokens: where it is registered to be. https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#considerations-for-cross-origin-resource-sharing-cors-support */
interface RegisteredSites {
  readonly redirectUris?: readonly string[] | undefined;
  readonly corsOrigins?: readonly string[] | undefined;
}

/** Never `null`, which is the origin of an app's own scheme, of sandboxes and of local files alike. */
export function isOriginOf(
  { redirectUris = [], corsOrigins = [] }: RegisteredSites,
  origin: string,
): boolean {
  if (!/^https?:\/\//.test(origin)) return false;
  return (
    corsOrigins.includes(origin) ||
    redirectUris.some((uri) => URL.canParse(uri) && new URL(uri).origin === origin)
  );
}
