/** Numbers as colours. */

/** A colour as red, green and blue from 0 to 255. */
export type Shade = readonly [number, number, number]

/** From nothing (white) to all (dark blue), and from negative (red) over nothing to positive (blue). */
const stops = {
  sequential: ['ffffff', 'd6e6f4', 'abd0e6', '6aaed6', '3787c0', '105ba4', '08306b'],
  diverging: ['8c0d25', 'cf5246', 'f5a886', 'f7f7f7', '98c8e0', '3c8bbf', '0b3c74'],
} as const

/** What numbers are shown as. */
export type Scale = keyof typeof stops

/** What is no number. */
export const noShade: Shade = [200, 200, 200]

const parsed = (hex: string): Shade => [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16)) as unknown as Shade

/** The colour at `t`, from 0 to 1, between the two stops around it; gray for NaN. */
export const shade = (scale: Scale, t: number): Shade => {
  if (Number.isNaN(t)) return noShade
  const all = stops[scale]
  const place = Math.min(1, Math.max(0, t)) * (all.length - 1)
  const k = Math.min(all.length - 2, Math.floor(place))
  const [from, to] = [parsed(all[k]!), parsed(all[k + 1]!)]
  return from.map((c, i) => Math.round(c + (to[i]! - c) * (place - k))) as unknown as Shade
}

/** `#rrggbb`. */
export const hex = (s: Shade): string => `#${s.map((c) => c.toString(16).padStart(2, '0')).join('')}`

/** Black or white, whichever stands out: by relative luminance, as WCAG 2 has it. */
export const inkOn = (s: Shade): string => {
  const [r, g, b] = s.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4)) as unknown as Shade
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.3 ? '#1a1a1a' : '#ffffff'
}
