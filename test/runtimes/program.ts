/** What `scripts/runtimes.mjs` runs in Bun, Deno, Node and browsers: prints `ok`, or what went wrong. */
import { configure, grad, jit, nn, np, probe, random, reference, wasm, type Tensor } from '../../src/index.js'

const soon = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const check = (claim: string, holds: boolean): void => {
  if (!holds) throw new Error(claim)
}
const bits = (x: Tensor): string => new Uint32Array(x.toTypedArray().buffer as ArrayBuffer).join()

const run = async (): Promise<void> => {
  check('wasm is the default', probe().startsWith('wasm is active'))
  const x = random.normal(random.key(0), [300, 300])
  const f = jit(grad((w: Tensor) => np.sum(np.tanh(np.matmul(w, nn.softmax(w))))))
  configure({ threads: 1 })
  const one = f(x)
  configure({ threads: 3 })
  f(x)
  await soon(500) // workers start beside the program
  for (let k = 0; k < 5; k++) check('results do not depend on the number of threads', bits(f(x)) === bits(one))
  configure({ backend: reference })
  const expected = f(x)
  configure({ backend: wasm })
  const off = np.max(np.abs(np.sub(one, expected))).item() as number
  check(`the gradient is the reference's (off by ${off})`, off < 1e-4)
  // Half a gigabyte of results in one go, none of them kept.
  const big = np.ones([2 ** 17])
  for (let k = 0; k < 1000; k++) np.add(big, k)
  check('what is kept is not lost', np.sum(np.add(big, 1)).item() === 2 ** 18)
}

run().then(
  () => {
    console.log('ok')
  },
  (error: unknown) => {
    console.log(`failed: ${String(error)}`)
  },
)
