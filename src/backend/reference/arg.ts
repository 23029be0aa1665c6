/** `argmax` and `argmin`: the first position of the extreme along an axis; a NaN is the extreme. */
import type { Routine } from './kernel.js'
import { integer } from './params.js'

const arg =
  (beats: (x: number, best: number) => boolean): Routine =>
  (site) => {
    const { shape } = site.ins[0]!
    const axis = integer(site, 'axis')
    const n = shape[axis]!
    const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1)
    const size = site.outs[0]!.size
    return (inputs) => {
      const a = inputs[0]!
      const o = new Int32Array(size)
      for (let lane = 0; lane < size; lane++) {
        const base = Math.floor(lane / inner) * n * inner + (lane % inner)
        let at = 0
        let best = a[base]!
        for (let i = 1; i < n && best === best; i++) {
          const x = a[base + i * inner]!
          if (x !== x || beats(x, best)) {
            best = x
            at = i
          }
        }
        o[lane] = at
      }
      return [o]
    }
  }

/** By name. */
export const argRoutines: Readonly<Record<string, Routine>> = {
  argmax: arg((x, best) => x > best),
  argmin: arg((x, best) => x < best),
}
