/** The counter of the positions of a lane. */

/** `next` is the position of the next accepted frame. It is greater than all earlier positions. */
export interface PositionCounter {
  next: number;
}
