/** A site's own accent in place of the lamp's yellow, with whichever ink reads better on it. */

const HEX = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i
const INK = '#000000'
const PAPER = '#ffffff'

/** Relative luminance, 0 … 1 (WCAG 2.2). */
function luminance(colour: string): number {
  const linear = (HEX.exec(colour) ?? []).slice(1).map((hex) => {
    const share = parseInt(hex, 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  const [red = 0, green = 0, blue = 0] = linear
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** How far two colours stand apart, 1 … 21 (WCAG 2.2). */
export function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

/** Dark or light, whichever reads better on `colour`: one of the two always has 4.5 : 1. */
export function inkOn(colour: string): string {
  return contrast(colour, INK) >= contrast(colour, PAPER) ? INK : PAPER
}

/** Dress the pages in the site's colour; without one they keep their own. */
export function wear({ color }: { color?: string }): void {
  const style = document.documentElement.style
  for (const name of ['--lamp', '--on-lamp']) style.removeProperty(name)
  if (!color || !HEX.test(color)) return
  style.setProperty('--lamp', color)
  style.setProperty('--on-lamp', inkOn(color))
}
