/** Which position the next frame of a lane gets. */

/** The position of the next frame that is accepted; above that of every frame before it. */
export interface PositionCounter {
  next: number;
}
