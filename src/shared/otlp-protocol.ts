/** The protocols of OTLP and the compressions that an OTLP client of this package can be set to. */

export const protocols = ['http/protobuf', 'http/json', 'grpc'] as const;
export type Protocol = (typeof protocols)[number];

export const compressions = ['none', 'gzip'] as const;
export type Compression = (typeof compressions)[number];
