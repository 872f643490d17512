/** Cutting a square out of a picture, small enough for the API. Works in the browser alone; nothing is uploaded here. */

/** Pixels of a side; twice the largest at which a picture is shown. */
const SIDE = 256
/** Of the whole `data:` address, so that it fits into a request with the rest. */
export const MOST_CHARS = 48_000

export interface Crop {
  /** 1 shows as much as possible; 4 a quarter of that. */
  zoom: number
  /** Where the square lies in what is left over, 0 … 1 from the left and from the top. */
  x: number
  y: number
}

export interface Square {
  left: number
  top: number
  side: number
}

/** The square that `crop` cuts out of a picture of that size. */
export function squareOf(width: number, height: number, { zoom, x, y }: Crop): Square {
  const side = Math.min(width, height) / Math.max(1, zoom)
  return { left: (width - side) * x, top: (height - side) * y, side }
}

/** Where `crop` comes to lie when the picture is drawn by that share of the square; never past an edge. */
export function dragged(width: number, height: number, crop: Crop, right: number, down: number): Crop {
  const { side } = squareOf(width, height, crop)
  const moved = (share: number, by: number, room: number) => (room > 0 ? Math.min(1, Math.max(0, share - (by * side) / room)) : share)
  return { ...crop, x: moved(crop.x, right, width - side), y: moved(crop.y, down, height - side) }
}

/** Draw the square over the whole canvas. */
export function paint(canvas: HTMLCanvasElement, image: ImageBitmap, crop: Crop): void {
  canvas.width = canvas.height = SIDE
  const { left, top, side } = squareOf(image.width, image.height, crop)
  const context = canvas.getContext('2d')
  if (!context) return
  context.imageSmoothingQuality = 'high'
  context.fillStyle = '#ffffff' // a JPEG has no transparency
  context.fillRect(0, 0, SIDE, SIDE)
  context.drawImage(image, left, top, side, side, 0, 0, SIDE, SIDE)
}

/** What the canvas shows as a `data:` address, as good as fits. */
export function encoded(canvas: HTMLCanvasElement): string {
  for (const quality of [0.9, 0.8, 0.65, 0.5, 0.3]) {
    const address = canvas.toDataURL('image/jpeg', quality)
    if (address.length <= MOST_CHARS) return address
  }
  return canvas.toDataURL('image/jpeg', 0.1)
}

/** A logo: made to fit into the square without being cut, with its transparency; empty when it stays too large. */
export function fitted(image: ImageBitmap): string {
  const canvas = document.createElement('canvas')
  for (const side of [SIDE, SIDE / 2, SIDE / 4]) {
    const scale = Math.min(1, side / Math.max(image.width, image.height))
    canvas.width = Math.max(1, Math.round(image.width * scale))
    canvas.height = Math.max(1, Math.round(image.height * scale))
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
    const address = canvas.toDataURL('image/png')
    if (address.length <= MOST_CHARS) return address
  }
  return ''
}
