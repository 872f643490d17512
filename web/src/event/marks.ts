/** Pictograms of the reactions, drawn here: not every machine has a font for them. */

const SHAPES: Record<string, string> = {
  clap: 'M5.6 12.500V7a1.5 1.5 0 0 1 3 0v4h.7V5a1.5 1.5 0 0 1 3 0v6h.7V5.800a1.5 1.5 0 0 1 3 0V11.500h.7V8.500a1.5 1.5 0 0 1 3 0V15c0 4.2-2.9 7-6.8 7-3.2 0-5-1.3-6.6-4L2.7 14.200a1.5 1.5 0 0 1 2.4-1.700zM7 .8l1.3 2.7-1.2.6L5.8 1.400zM2.3 3.900l2.5 1.6-.7 1.1-2.5-1.600zM17.6.8l1.2.6-1.3 2.7-1.2-.6zM22.3 3.900l.7 1.1-2.5 1.6-.7-1.100z',
  heart: 'M12 21S2 15.200 2 8.600C2 5.500 4.500 3.500 7.200 3.500c2 0 3.800 1.100 4.800 2.900 1-1.800 2.800-2.900 4.800-2.900C19.500 3.500 22 5.500 22 8.600 22 15.200 12 21 12 21z',
  laugh: 'M12 1.500a10.500 10.500 0 1 0 0 21a10.500 10.500 0 1 0 0-21zM5.500 10c.4-2 1-3 2.400-3s2 1 2.400 3H8.800c-.2-.8-.4-1.200-.9-1.200S7.200 9.200 7 10zm8.200 0c.4-2 1-3 2.400-3s2 1 2.400 3H17c-.2-.8-.4-1.200-.9-1.200s-.7.4-.9 1.200zM5.500 12.800h13c0 4-2.700 6.700-6.500 6.700s-6.500-2.700-6.500-6.700z',
  wow: 'M12 1.500a10.500 10.500 0 1 0 0 21a10.500 10.500 0 1 0 0-21zM8 7a1.600 2 0 1 1 0 4a1.600 2 0 1 1 0-4zm8 0a1.600 2 0 1 1 0 4a1.600 2 0 1 1 0-4zm-4 6a2.800 3.300 0 1 1 0 6.600a2.800 3.300 0 1 1 0-6.600z',
  thanks: 'M12 1.500a4 4 0 0 1 3.800 5.200 4 4 0 1 1 2.400 7.600 4 4 0 1 1-6.200 4.600 4 4 0 1 1-6.200-4.600 4 4 0 1 1 2.400-7.600A4 4 0 0 1 12 1.500zm0 8.200a2.500 2.500 0 1 0 0 5a2.500 2.500 0 1 0 0-5z',
}

export const KINDS = Object.keys(SHAPES)

/** A pictogram; beside words or under an aria-label. */
export function mark(kind: string): SVGSVGElement {
  const NS = 'http://www.w3.org/2000/svg'
  const svg = document.createElementNS(NS, 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS(NS, 'path')
  path.setAttribute('d', SHAPES[kind] ?? '')
  path.setAttribute('fill-rule', 'evenodd')
  svg.append(path)
  return svg
}
