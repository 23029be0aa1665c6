/** What a call costs apart from the arithmetic: dispatch, recording, the walk back. */
import { jit, np, valueAndGrad, type Tensor } from '../src/index.js'
import { measure, table, three } from './measure.js'
import { rivals, type Rival } from './rivals.js'

const eight = [1, 2, 3, 4, 5, 6, 7, 8]
const [x, y] = [np.array(eight), np.array(eight)]
const sines = (v: Tensor): Tensor => {
  let z = v
  for (let i = 0; i < 100; i++) z = np.sin(z)
  return z
}
const both = valueAndGrad(sines)
const compiled = jit(both)
const compiledAdd = jit((a: Tensor, b: Tensor) => np.add(a, b))
const at = np.array(0.5)

const adjoint: Rival = {
  name: 'adjoint',
  additions: () => {
    let z = x
    for (let i = 0; i < 100; i++) z = np.add(z, y)
    return Number(z.toTypedArray()[0])
  },
  sines: () => {
    const [value, gradient] = both(at)
    return [Number(value.item()), Number(gradient.item())]
  },
}

const expected = (): readonly [number, number] => {
  let [z, d] = [0.5, 1]
  for (let i = 0; i < 100; i++) [z, d] = [Math.sin(z), d * Math.cos(z)]
  return [z, d]
}

/** Throws unless the library computes what is measured. */
const verify = (r: Rival): void => {
  const close = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-4 * Math.abs(b)
  const [value, gradient] = r.sines()
  const [v, g] = expected()
  if (r.additions() !== 101 || !close(value, v) || !close(gradient, g)) throw new Error(`${r.name} computes something else`)
}

/** Microseconds per call. */
export const overhead = async (): Promise<string> => {
  const all = [adjoint, ...(await rivals())]
  all.forEach(verify)
  const micro = (f: () => unknown): string => three(measure(f).median * 1e6)
  const rows = [
    ['microseconds per call', ...all.map((r) => r.name)],
    ['eager add of 8 floats (one of 100, then read)', ...all.map((r) => three(measure(r.additions).median * 1e4))],
    ['value and gradient of 100 scalar sines', ...all.map((r) => micro(r.sines))],
  ]
  const own = [
    ['adjoint alone', ''],
    ['eager add of 8 floats', micro(() => np.add(x, y))],
    ['value and gradient of 100 scalar sines under jit', micro(() => compiled(at))],
    ['jit of one add', micro(() => compiledAdd(x, y))],
    ['add of a JavaScript number', micro(() => np.add(x, 2))],
    ['100 scalar sines without gradient', micro(() => sines(at))],
  ]
  const missing =
    all.length === 3 ? '' : '\n(rivals are measured when installed: npm i --no-save @jax-js/jax @tensorflow/tfjs, or ADJOINT_RIVALS=FOLDER)'
  return `${table(rows)}\n\n${table(own)}${missing}`
}
