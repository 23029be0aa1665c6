/** Pictures side by side as one SVG. */
import type { Tensor } from '../../src/index.js'
import { np } from '../../src/index.js'

/** Shades of grey told apart. */
const shades = 32

/** Grey or coloured pictures float[n, channels, height, width] of numbers from 0 to 1, in rows of `columns`. */
export const grid = (pictures: Tensor, columns: number, pixel = 3): string => {
  const [n, channels, height, width] = pictures.shape as readonly [number, number, number, number]
  const values = np.clip(pictures, 0, 1).toTypedArray()
  const paths = new Map<string, string>()
  for (let i = 0; i < n; i++)
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) {
        const at = (c: number): number => {
          const value = values[((i * channels + Math.min(c, channels - 1)) * height + row) * width + column]!
          return Math.round((Math.round(value * (shades - 1)) * 255) / (shades - 1))
        }
        const colour = `rgb(${at(0)} ${at(1)} ${at(2)})`
        const x = ((i % columns) * (width + 1) + column) * pixel
        const y = (Math.floor(i / columns) * (height + 1) + row) * pixel
        paths.set(colour, `${paths.get(colour) ?? ''}M${x} ${y}h${pixel}v${pixel}h-${pixel}z`)
      }
  const size = [columns * (width + 1) * pixel, Math.ceil(n / columns) * (height + 1) * pixel] as const
  const drawn = [...paths].map(([colour, d]) => `<path fill="${colour}" d="${d}"/>`).join('')
  const attributes = `width="${size[0]}" height="${size[1]}" viewBox="0 0 ${size[0]} ${size[1]}" shape-rendering="crispEdges"`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${drawn}</svg>`
}
