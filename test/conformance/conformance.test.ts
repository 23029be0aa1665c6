import { describe, expect, it } from 'vitest'
import { np, type Tensor } from '../../src/index.js'
import { difference, exact } from './compare.js'
import { compiled } from './compiled.js'
import { dezero } from './dezero.js'
import type { Case, Encoded } from './fixture.js'
import { jax } from './jax.js'

const f64 = (shape: readonly number[], data: Encoded['data']): Encoded => ({ shape, dtype: 'float64', data })
const tolerance = { rtol: 1e-9, atol: 1e-12 }
const encode = (x: Encoded) => x as unknown as Parameters<typeof difference>[1]

describe('difference', () => {
  const x = np.array([1, NaN, -Infinity], { dtype: 'float64' })
  it('is null for equal arrays, NaN and infinities included', () => {
    expect(difference('x', encode(f64([3], [1, 'nan', '-inf'])), x, exact)).toBeNull()
  })
  it.each<[string, Encoded, RegExp]>([
    ['values', f64([3], [1 + 1e-8, 'nan', '-inf']), /x\[0\]: expected 1\.00000001, got 1 \(relative error 1\.0e-8; 1 of 3 differ\)/],
    ['NaN', f64([3], [1, 2, '-inf']), /x\[1\]: expected 2, got NaN/],
    ['signs of infinity', f64([3], [1, 'nan', 'inf']), /x\[2\]/],
    ['shapes', f64([1, 3], [1, 'nan', '-inf']), /expected float64\[1,3\], got float64\[3\]/],
    ['dtypes', { shape: [3], dtype: 'f32', data: [1, 'nan', '-inf'] }, /expected float32\[3\], got float64\[3\]/],
  ])('tells %s apart', (_, expected, why) => {
    expect(difference('x', encode(expected), x, tolerance)).toMatch(why)
  })
  it('looks into records and lists', () => {
    expect(difference('o', { a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, exact)).toBeNull()
    expect(difference('o', { a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }, exact)).toBe('o.a[1].b: expected 2, got 3')
    expect(difference('o', { a: [1] }, { a: [1, 2] }, exact)).toMatch(/o\.a: expected 1 items/)
    expect(difference('o', { a: 1 }, {}, exact)).toMatch(/o\.a: expected 1, got undefined/)
  })
  it('reads float32 as the nearest one, and then compares bits', () => {
    const y = np.array([0.1, 1], { dtype: 'float32' })
    expect(difference('y', encode({ shape: [2], dtype: 'float32', data: [0.1, 1] }), y, exact)).toBeNull()
    expect(difference('y', encode({ shape: [2], dtype: 'float32', data: [0.1, 1 + 2 ** -23] }), y, exact)).toMatch(/y\[1\]/)
  })
})

const tanh = {
  id: 'np.tanh',
  call: 'np.tanh',
  kwargs: {},
  args: [f64([], [0.5])],
  out: f64([], [Math.tanh(0.5)]),
  ct: f64([], [2]),
  vjp: [f64([], [2 * (1 - Math.tanh(0.5) ** 2)])],
}
const asCase = (c: object): Case => c as unknown as Case

describe('the runner of JAX cases', () => {
  it('passes a right case', async () => {
    expect(await jax(asCase(tanh))).toBeNull()
  })
  it('fails a wrong value', async () => {
    expect(await jax(asCase({ ...tanh, out: f64([], [0.5]) }))).toMatch(/^value\[0\]/)
  })
  it('fails a wrong cotangent', async () => {
    expect(await jax(asCase({ ...tanh, vjp: [f64([], [2])] }))).toMatch(/^vjp\[0\]\[0\]/)
  })
  it('fails an unknown call', async () => {
    expect(await jax(asCase({ ...tanh, call: 'np.nothing' }))).toMatch(/^unknown/)
  })
})

describe('the runner of DeZero cases', () => {
  const shared = { id: 'core.dag.x+x+x', inputs: { x: 3 }, outputs: { y: f64([], [9]), dx: f64([], [3]) }, rtol: 1e-9, atol: 1e-12 }
  it('passes a right case', async () => {
    expect(await dezero(asCase(shared), [])).toBeNull()
  })
  it('fails a wrong output', async () => {
    expect(await dezero(asCase({ ...shared, outputs: { y: f64([], [9]), dx: f64([], [2]) } }), [])).toMatch(/^outputs\.dx/)
  })
  it('fails an unknown case', async () => {
    expect(await dezero(asCase({ ...shared, id: 'core.nothing' }), [])).toMatch(/^unknown/)
  })
})

describe('compiled', () => {
  it('takes tensors out of nested arguments and results', () => {
    const f = compiled(({ a, b: [b, n] }: { a: Tensor; b: readonly [Tensor, number] }) => ({
      sum: np.add(a, b),
      text: `${n}`,
      twice: [np.mul(a, n)],
    }))
    const run = (x: number, n: number): unknown => {
      const { sum, text, twice } = f({ a: np.array([x, 2]), b: [np.array([3, 4]), n] })
      return [sum.toArray(), text, twice[0]!.toArray()]
    }
    expect(run(1, 2)).toEqual([[4, 6], '2', [2, 4]])
    expect(run(5, 2)).toEqual([[8, 6], '2', [10, 4]])
    expect(run(1, 3)).toEqual([[4, 6], '3', [3, 6]])
  })
  it('traces once for tensors that differ, and reads no values', () => {
    let traces = 0
    const f = compiled((x: Tensor) => {
      traces++
      return np.neg(x)
    })
    for (let k = 0; k < 3; k++) expect(f(np.array(k)).item()).toBe(-k)
    expect(traces).toBe(1)
    expect(() => compiled((x: Tensor) => np.array(x.item()))(np.array(1))).toThrow(/jit/)
  })
  it('passes right cases and fails wrong ones', async () => {
    expect(await jax(asCase(tanh), compiled)).toBeNull()
    expect(await jax(asCase({ ...tanh, out: f64([], [0.5]) }), compiled)).toMatch(/^value\[0\]/)
    expect(await jax(asCase({ ...tanh, vjp: [f64([], [2])] }), compiled)).toMatch(/^vjp\[0\]\[0\]/)
    const shared = { id: 'core.dag.x+x+x', inputs: { x: 3 }, outputs: { y: f64([], [9]), dx: f64([], [3]) }, rtol: 1e-9, atol: 1e-12 }
    expect(await dezero(asCase(shared), [], compiled)).toBeNull()
    expect(await dezero(asCase({ ...shared, outputs: { y: f64([], [9]), dx: f64([], [2]) } }), [], compiled)).toMatch(/^outputs\.dx/)
  })
})
