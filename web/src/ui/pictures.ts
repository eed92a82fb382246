/** Where pictures of people are; each is kept in three sizes. */

const SIZES = [64, 128, 512];
/** Screens have up to so many points where a page has one; more is not seen in something small. */
const DENSITY = 2;

/** The address of a picture that is shown `size` wide. */
export function faceAddress(name: string, size: number): string {
  return `/api/v1/faces/${name}/${SIZES.find((kept) => kept >= size * DENSITY) ?? 512}`;
}
