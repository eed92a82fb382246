/** Which square of a picture is kept, and how a picture becomes small enough to be sent. */

/** A square of a picture: from its left upper corner, in the picture's own points. */
export interface Square {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

/** How one looks at a picture: how near, and which part of it; each part from 0 to 1. */
export interface View {
  zoom: number;
  across: number;
  down: number;
}

export const ZOOM_MAX = 4;

/** The square that is seen: the nearer, the smaller; never beyond an edge. Pure. */
export function squareOf(width: number, height: number, { zoom, across, down }: View): Square {
  const side = Math.min(width, height) / Math.min(Math.max(zoom, 1), ZOOM_MAX);
  return { x: (width - side) * part(across), y: (height - side) * part(down), side };
}

/** The view after the picture was drawn over the frame, by parts of the frame's width. Pure. */
export function moved(width: number, height: number, view: View, right: number, below: number): View {
  const { side } = squareOf(width, height, view);
  const step = (by: number, room: number) => (room > 0 ? (by * side) / room : 0);
  return {
    zoom: view.zoom,
    across: part(view.across - step(right, width - side)),
    down: part(view.down - step(below, height - side)),
  };
}

/** How large a picture is sent whose longer side is at most `most`. Pure. */
export function sentSize(width: number, height: number, most: number): [number, number] {
  const less = Math.min(1, most / Math.max(width, height));
  return [Math.max(1, Math.round(width * less)), Math.max(1, Math.round(height * less))];
}

const part = (value: number) => Math.min(Math.max(value, 0), 1);

/** The kinds of pictures that are taken; a browser may read more, and sends what we take. */
export const TAKEN = "image/jpeg,image/png,image/webp";
/** What is drawn anew has nothing in it but what one sees: no place, no camera. */
const KIND = "image/jpeg";
const QUALITY = 0.92;

/** Read a file as a picture, upright. Throws what has words when it is none. */
export async function readPicture(file: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file);
  } catch {
    throw new NoPicture("Your browser cannot read this as a picture. Choose a JPEG, PNG or WebP.");
  }
}

export class NoPicture extends Error {}

/** Draw a part of a picture, and give it as a file. */
export async function drawn(
  picture: ImageBitmap,
  part: Square | null,
  size: [number, number],
): Promise<Blob> {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = size;
  draw(canvas, picture, part);
  const file = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, KIND, QUALITY));
  if (!file) throw new NoPicture("Your browser cannot make this picture smaller. Choose another.");
  return file;
}

/** Draw a part of a picture over a whole canvas, on white where one could see through. */
export function draw(canvas: HTMLCanvasElement, picture: ImageBitmap, part: Square | null): void {
  const { width, height } = canvas;
  const paper = canvas.getContext("2d");
  if (!paper) return;
  paper.fillStyle = "white";
  paper.fillRect(0, 0, width, height);
  paper.imageSmoothingQuality = "high";
  if (part) paper.drawImage(picture, part.x, part.y, part.side, part.side, 0, 0, width, height);
  else paper.drawImage(picture, 0, 0, width, height);
}
