/** The rules for names and values of HTTP headers; gRPC metadata follows them too. */

/** True if the name is a token of HTTP (RFC 9110, 5.6.2). */
export function isHeaderName(name: string): boolean {
  return /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name);
}

/** True if the value fits into one header line: no control characters, no line breaks. */
export function isHeaderValue(value: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}

/** True if OTLP clients set this header themselves: a second value would contradict theirs. */
export function isClientHeader(name: string): boolean {
  return /^(content-(type|length|encoding)|transfer-encoding|connection|host|te|grpc-.*)$/i.test(
    name,
  );
}

/**
 * Returns the media type of a Content-Type value in lower case, without parameters such as charset.
 */
export function mediaType(contentType: string | undefined): string {
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
