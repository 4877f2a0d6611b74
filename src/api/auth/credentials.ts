/** The token of an `Authorization: Bearer <token>` header; the scheme in any case. */
export function bearerToken(header: string | undefined): string | undefined {
  return credentials('bearer', header);
}

/** The password of an `Authorization: Basic` header, whatever the user name: browsers ask for both. */
export function basicPassword(header: string | undefined): string | undefined {
  const encoded = credentials('basic', header);
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon < 0 ? undefined : pair.slice(colon + 1) || undefined;
}

function credentials(scheme: string, header = ''): string | undefined {
  const space = header.indexOf(' ');
  if (space < 0 || header.slice(0, space).toLowerCase() !== scheme) return undefined;
  return header.slice(space + 1).trim() || undefined;
}
