/** Other libraries, measured in the same process when they are installed. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The workloads of `overhead` in one library; all read their results back, so that nothing is left pending. */
export interface Rival {
  readonly name: string
  /** 100 additions of 8 floats, one after the other; the first element of the result. */
  readonly additions: () => number
  /** The value and the derivative of 100 nested sines of a scalar. */
  readonly sines: () => readonly [number, number]
}

const folder = resolve(process.env.ADJOINT_RIVALS ?? '.', 'node_modules')

interface Manifest {
  readonly version: string
  readonly main?: string
  readonly module?: string
  readonly exports?: Readonly<Record<string, unknown>>
}

const entryOf = (e: unknown): string | undefined =>
  typeof e === 'string'
    ? e
    : typeof e === 'object' && e !== null
      ? entryOf((e as Record<string, unknown>).import ?? (e as Record<string, unknown>).node ?? (e as Record<string, unknown>).default)
      : undefined

/** The module called `name` and its version; null when it is not installed. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- foreign modules, not dependencies: their types are not here
const load = async (name: string, file?: string): Promise<{ readonly module: any; readonly version: string } | null> => {
  const at = join(folder, name)
  if (!existsSync(join(at, 'package.json'))) return null
  const manifest = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8')) as Manifest
  const entry = file ?? entryOf(manifest.exports?.['.']) ?? manifest.main ?? 'index.js'
  return { module: await import(pathToFileURL(join(at, entry)).href), version: manifest.version }
}

const eight = [1, 2, 3, 4, 5, 6, 7, 8]

const jaxJs = async (): Promise<Rival | null> => {
  const found = await load('@jax-js/jax')
  if (found === null) return null
  const { init, defaultDevice, numpy: np, valueAndGrad } = found.module
  await init('wasm')
  defaultDevice('wasm')
  const [x, y] = [np.array(eight), np.array(eight)]
  const f = (v: unknown) => {
    let z = v
    for (let i = 0; i < 100; i++) z = np.sin(z)
    return z
  }
  const both = valueAndGrad(f)
  const at = np.array(0.5)
  return {
    name: `jax-js ${found.version} wasm`,
    additions: () => {
      let z = x.ref
      for (let i = 0; i < 100; i++) z = np.add(z, y.ref)
      return z.dataSync()[0]
    },
    sines: () => {
      const [value, gradient] = both(at.ref)
      return [value.item(), gradient.item()]
    },
  }
}

const tfjs = async (): Promise<Rival | null> => {
  const found = await load('@tensorflow/tfjs', 'dist/tf.node.js')
  if (found === null) return null
  const tf = found.module.default ?? found.module
  await tf.setBackend('cpu')
  const [x, y] = [tf.tensor1d(eight), tf.tensor1d(eight)]
  const f = (v: unknown) => {
    let z = v
    for (let i = 0; i < 100; i++) z = tf.sin(z)
    return z
  }
  const both = tf.valueAndGrad(f)
  const at = tf.scalar(0.5)
  return {
    name: `tfjs ${found.version} cpu`,
    additions: () =>
      tf.tidy(() => {
        let z = x
        for (let i = 0; i < 100; i++) z = tf.add(z, y)
        return z.dataSync()[0]
      }),
    sines: () => {
      const { value, grad } = both(at)
      const numbers = [value.dataSync()[0], grad.dataSync()[0]] as const
      value.dispose()
      grad.dispose()
      return numbers
    },
  }
}

/** The rivals that are installed in `node_modules` of the folder `ADJOINT_RIVALS`, or here. */
export const rivals = async (): Promise<readonly Rival[]> => {
  const all = await Promise.all([jaxJs(), tfjs()])
  return all.filter((r) => r !== null)
}
