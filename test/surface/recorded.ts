/** Calls that are right: every function of every entry, as the examples of the documentation call it. */
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transformSync } from 'esbuild'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { flow, pipe } from 'fp-ts/lib/function.js'
import { concatAll } from 'fp-ts/lib/Monoid.js'
import { MonoidSum } from 'fp-ts/lib/number.js'
import * as O from 'fp-ts/lib/Option.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import * as adjoint from 'adjoint'
import * as extend from 'adjoint/extend'
import * as laws from 'adjoint/laws'

type AnyFunction = (...args: unknown[]) => unknown

/** A public function and how it is called. */
export interface Subject {
  /** `np.sum`; functions of the root without a prefix. */
  readonly name: string
  readonly entry: string
  readonly f: AnyFunction
  readonly calls: (readonly unknown[])[]
  /** Of a method: the public function that returned it, what it is called there, and the name that its owner has itself. */
  readonly of?: { readonly name: string; readonly key: string; readonly given: string }
}

const root = fileURLToPath(new URL('../../', import.meta.url))

export const entries: Readonly<Record<string, object>> = {
  index: adjoint,
  numpy: adjoint.np,
  lax: adjoint.lax,
  special: adjoint.special,
  tree: adjoint.tree,
  random: adjoint.random,
  nn: adjoint.nn,
  models: adjoint.models,
  losses: adjoint.losses,
  metrics: adjoint.metrics,
  optim: adjoint.optim,
  data: adjoint.data,
  io: adjoint.io,
  onnx: adjoint.onnx,
  viz: adjoint.viz,
  extend,
  laws,
  'laws/laws': laws.laws,
}

const namespaces = ['np', 'lax', 'special', 'tree', 'random', 'nn', 'models', 'losses', 'metrics', 'optim', 'data', 'io', 'onnx', 'viz']

const isFunction = (x: unknown): x is AnyFunction => typeof x === 'function' && !/^class\b/.test(Function.prototype.toString.call(x))

/** What a user calls the namespace of an entry, where it is not the entry's name. */
const spaceOf: Readonly<Record<string, string>> = { numpy: 'np', 'laws/laws': 'laws' }

/** Every public function once, under the entry that is nearest to it. */
const subjects = new Map<unknown, Subject>()
for (const [entry, exports] of Object.entries(entries))
  for (const [key, f] of Object.entries(exports))
    if (isFunction(f) && !subjects.has(f))
      subjects.set(f, {
        name: entry === 'index' ? key : `${spaceOf[entry] ?? entry}.${key}`,
        entry,
        f,
        calls: [],
      })

/** Calls kept for each function. */
const most = 2

let recording = false
const watched = new Map<unknown, unknown>()

/** `f`, whose calls are kept. Functions in arguments are handed on as they are. */
const watch = (f: AnyFunction): unknown => {
  const subject = subjects.get(f)
  if (subject === undefined) return f
  let made = watched.get(f)
  if (made === undefined) {
    made = Object.assign(
      function (this: unknown, ...args: unknown[]) {
        if (recording && subject.calls.length < most) subject.calls.push(args.map((a) => original.get(a) ?? a))
        return f.apply(this, args)
      },
      { ...f },
    )
    Object.defineProperty(made, 'name', { value: f.name })
    watched.set(f, made)
    original.set(made, f)
  }
  return made
}
const original = new Map<unknown, unknown>()

const watchedSpace = (exports: object): object =>
  Object.fromEntries(Object.entries(exports).map(([key, f]) => [key, isFunction(f) ? watch(f) : (f as unknown)]))

const spaces = Object.fromEntries(namespaces.map((name) => [name, watchedSpace((adjoint as unknown as Record<string, object>)[name]!)]))

const given = (): Record<string, unknown> => {
  const { np, random } = adjoint
  return {
    x: np.array([1, 2, 3]),
    y: np.array([4, 5, 6]),
    z: np.array([7, 8, 9]),
    w: np.array([
      [1, 2, 3],
      [4, 5, 6],
    ]),
    b: np.array([0.5, -0.5, 0]),
    key: random.key(0),
    params: {
      l1: {
        w: np.array([
          [1, 2],
          [3, 4],
        ]),
        b: np.array([0.5, -0.5]),
      },
      l2: {
        w: np.array([
          [5, 6],
          [7, 8],
        ]),
        b: np.array([1, 2]),
      },
    },
    O,
    E,
    TE,
    pipe,
    flow,
    MonoidSum,
    fc,
    concatAll,
  }
}

const examplesOf = (file: string): readonly string[] => {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap(([comment]) => {
    const lines = comment
      .replace(/\*\/$/, '')
      .split('\n')
      .map((l) => l.replace(/^\s*\/?\*+ ?/, ''))
    return lines.flatMap((line, i) => {
      if (!/^@example/.test(line)) return []
      const end = lines.findIndex((l, j) => j > i && /^@\w+/.test(l))
      const body = lines.slice(i + 1, end === -1 ? lines.length : end).filter((l) => !l.startsWith('```'))
      return [body.join('\n')]
    })
  })
}

/** Examples that take seconds; their functions stand in `calls.ts`. */
const slow = ['src/nn/models/', 'laws/']

/** Names of exports that no parameter can have. */
const reserved = ['var']

const AsyncFunction = Object.getPrototypeOf(async () => Promise.resolve()).constructor as new (
  ...args: string[]
) => (...args: unknown[]) => Promise<unknown>

/** Runs the examples of every source file and keeps the calls; a call of another kind is added by hand in `calls.ts`. */
export const record = async (extra: Readonly<Record<string, readonly (readonly unknown[])[]>>): Promise<readonly Subject[]> => {
  // Examples write files where they run.
  process.chdir(mkdtempSync(join(tmpdir(), 'adjoint-surface-')))
  const files = ['src', 'laws'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((e) => e.isFile() && e.name.endsWith('.ts'))
      .map((e) => join(e.parentPath, e.name).slice(root.length)),
  )
  for (const file of files.filter((f) => !slow.some((s) => f.startsWith(s)))) {
    const floor = file.startsWith('laws/') ? 'laws' : file.split('/')[1]!
    const own = entries[floor] === undefined ? {} : watchedSpace(entries[floor])
    for (const code of examplesOf(file)) {
      const scope: Record<string, unknown> = {
        ...watchedSpace(laws),
        ...watchedSpace(extend),
        ...own,
        ...watchedSpace(adjoint),
        ...spaces,
        ...given(),
      }
      for (const word of reserved) delete scope[word]
      recording = true
      try {
        const js = transformSync(`async () => {${code}\n}`, { loader: 'ts', target: 'es2022' }).code.replace(/;\s*$/, '')
        const run = new AsyncFunction(...Object.keys(scope), `await (${js})()`)
        await Promise.race([run(...Object.values(scope)), new Promise((done) => setTimeout(done, 5000))])
      } catch {
        // An example that throws on purpose has made its calls before.
      }
      recording = false
    }
  }
  for (const s of subjects.values()) for (const args of extra[s.name] ?? []) s.calls.push(args)
  adjoint.configure({ backend: 'wasm', debugNans: false })
  return [...subjects.values()]
}
