/** Names of the ASCII characters that are written one by one. */

export const quote: u32 = 0x22;
export const plus: u32 = 0x2b;
export const comma: u32 = 0x2c;
export const minus: u32 = 0x2d;
export const point: u32 = 0x2e;
export const slash: u32 = 0x2f;
export const zero: u32 = 0x30;
export const colon: u32 = 0x3a;
export const equalsSign: u32 = 0x3d;
export const upperA: u32 = 0x41;
export const openBracket: u32 = 0x5b;
export const backslash: u32 = 0x5c;
export const closeBracket: u32 = 0x5d;
export const lowerA: u32 = 0x61;
export const lowerE: u32 = 0x65;
export const lowerU: u32 = 0x75;
export const openBrace: u32 = 0x7b;
export const closeBrace: u32 = 0x7d;
