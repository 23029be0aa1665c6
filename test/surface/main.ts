/**
 * The whole public surface under wrong arguments: `npm run surface`. Every exported function is called as its example calls it, with
 * one argument replaced by a mistake of every kind, and with an option that does not exist. The answer must be an error of the
 * library that begins with the name of a function, or a value where the type of the parameter admits the argument.
 * Refusals that do not name the function and the argument are counted (`ADJOINT_UNNAMED=1` shows them) and may not become more. A
 * method that no guess fits fails unless it is listed with its reason.
 * Last line: `N calls of F functions: R raw errors, S accepted in silence, U unnamed, H hangs`.
 */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { inspect } from 'node:util'
import { AdjointError, configure, np } from 'adjoint'
import type { Tensor } from 'adjoint'
import { accepted } from './accepted.js'
import { calls, untried } from './calls.js'
import { lawCalls } from './lawCalls.js'
import type { Mistake } from './kinds.js'
import { mistakes } from './kinds.js'
import { known, methodsOf } from './methods.js'
import type { Subject } from './recorded.js'
import { entries, record } from './recorded.js'
import type { Parameter } from './types.js'
import { signaturesOf } from './types.js'

/** What came of a call. */
interface Outcome {
  readonly at: number
  readonly kind: 'refused' | 'right' | 'raw' | 'silent' | 'unnamed' | 'hang'
  readonly what: string
}

const quick = 20_000

/** Arguments tried of a call; further ones of a rest parameter are like them. */
const positions = 5

/** Shows every refusal that is only counted. */
const shown = process.env['ADJOINT_UNNAMED'] !== undefined

/** Refusals that do not say which argument was wrong: how many there may be. It only falls. */
const unnamedAtMost = 1857

const unknownOption = 'an unknown option'

const ordinals = ['first', 'second', 'third', 'fourth', 'fifth']

/** What a refusal may call an argument: its parameter, its place, a key of the record, and of a record of options also `options`. */
const namesOf = ({ names, options, keys }: Parameter, i: number, mistake: string): readonly string[] => [
  ...names,
  `argument ${i}`,
  `the ${ordinals[i]} argument`,
  ...keys,
  ...(options ? ['options'] : []),
  ...(mistake === 'a record' ? ['nonsense'] : []),
]

interface Trial {
  readonly label: string
  readonly parameter: string
  readonly subject: Subject
  readonly args: readonly unknown[]
  /** May the call succeed? */
  readonly admitted: boolean
  /** Words of which a refusal says one: what the argument is called. */
  readonly names: readonly string[]
}

const trialsOf = (subject: Subject, parameters: readonly Parameter[]): readonly Trial[] =>
  subject.calls.flatMap((given, c) => {
    // A method that takes nothing ignores what it is given, as every function of JavaScript does.
    const call = subject.of === undefined ? given : given.slice(0, parameters.length)
    const at = (i: number): Parameter =>
      parameters[Math.min(i, parameters.length - 1)] ?? {
        name: `argument ${i}`,
        names: new Set(),
        admits: new Set(),
        options: false,
        keys: new Set(),
      }
    const trial = (i: number, name: string, args: readonly unknown[], admitted: boolean): Trial => ({
      label: `${subject.name} (call ${c + 1}), ${at(i).name} = ${name}`,
      parameter: `${subject.name}.${at(i).name}`,
      subject,
      args,
      admitted,
      names: name === unknownOption ? ['nonsenseOption'] : namesOf(at(i), i, name),
    })
    const replaced = call.slice(0, positions).flatMap((_, i) =>
      mistakes
        .filter((m) => m.kind !== 'record' || at(i).options)
        .filter(() => untried[`${subject.name}.${at(i).name}`] === undefined)
        .map((m) => trial(i, m.name, [...call.slice(0, i), m.make(), ...call.slice(i + 1)], isAdmitted(m, at(i), subject))),
    )
    const options = parameters.flatMap((p, i) => {
      if (!p.options || i > call.length) return []
      const given = call[i]
      const record = typeof given === 'object' && given !== null && Object.getPrototypeOf(given) === Object.prototype ? given : {}
      return i === call.length || record === given || given === undefined
        ? [trial(i, unknownOption, [...call.slice(0, i), { ...record, nonsenseOption: 1 }, ...call.slice(i + 1)], false)]
        : []
    })
    return [
      ...replaced,
      ...options,
      ...(call.length > 0 && untried[`${subject.name}.${at(call.length - 1).name}`] === undefined
        ? [
            trial(
              call.length - 1,
              'missing',
              call.slice(0, -1),
              at(call.length - 1).admits.has('undefined') ||
                isDual(subject) ||
                accepted(`${subject.name}.${at(call.length - 1).name}`, 'missing'),
            ),
          ]
        : []),
    ]
  })

/** `np.add(y)` waits for x. */
const isDual = ({ f }: Subject): boolean => {
  try {
    return typeof f(1) === 'function'
  } catch {
    return false
  }
}

const isAdmitted = (mistake: Mistake, { name, admits }: Parameter, subject: Subject): boolean => {
  if (accepted(`${subject.name}.${name}`, mistake.name)) return true
  if (!admits.has(mistake.kind)) return false
  // Where a tensor may stand, any number is a value.
  return mistake.kind !== 'number' || admits.has('tensor')
}

const isPlace = (x: unknown): x is { readonly get: () => unknown } =>
  typeof x === 'object' && x !== null && 'get' in x && 'set' in x && typeof x.get === 'function'

const settled = (value: unknown): unknown => {
  const limit = new Promise((done) => setTimeout(done, 3000, 'late'))
  return value instanceof Promise ? Promise.race([value, limit]) : value
}

const escaped = (text: string): string => text.replace(/[$.()[\]*+?^{}|\\]/g, '\\$&')

const hasWord = (text: string, word: string): boolean => new RegExp(`(?<![\\w$])${escaped(word)}(?![\\w$])`).test(text)

/** All names of a function: NumPy has several for some, and an error knows one. */
const aliases = new Map<unknown, string[]>()
for (const space of Object.values(entries)) for (const [name, f] of Object.entries(space)) aliases.set(f, [...(aliases.get(f) ?? []), name])

/**
 * Does a refusal name the function, before the first colon, and behind it the argument? The argument may also stand in the line under
 * the first, which lists what the refusal is about, each by its parameter and with its dtype and shape: `x: float32[2,3]`. The lines
 * that begin with `in:` and `try:` speak of the place and of the way out; a name there does not count.
 */
const saysWhere = (message: string, { subject, names }: Trial): boolean => {
  const [first, ...rest] = message.split('\n') as [string, ...string[]]
  const colon = first.indexOf(': ')
  const who = first.slice(0, colon)
  const listed = rest.filter((line) => /^ {2}\w+: /.test(line) && !/^ {2}(in|try): /.test(line))
  const what = [first.slice(colon + 2), ...listed].join(' ')
  const functions =
    subject.of === undefined
      ? (aliases.get(subject.f) ?? [subject.name.split('.').at(-1)!])
      : [subject.of.name, subject.of.key, subject.of.given]
  return functions.some((f) => hasWord(who, f)) && names.some((n) => hasWord(what, n))
}

const judge = async (trial: Trial): Promise<Omit<Outcome, 'at'>> => {
  try {
    const returned = await settled(trial.subject.f(...trial.args))
    // What waits for its data, as `np.add(y)` does, is given some.
    if (isPlace(returned)) returned.get() // a part is looked for when it is read or written
    const result: unknown =
      typeof returned === 'function' && isDual(trial.subject) ? (returned as (x: Tensor) => unknown)(np.ones([2, 2])) : returned
    return { kind: trial.admitted ? 'right' : 'silent', what: `${trial.label}: accepted, ${describe(result)}` }
  } catch (e) {
    const error = e as Error
    const ours = error instanceof AdjointError || error.name === 'LawError'
    const named = ours && /^[\w .'$-]+: /.test(error.message)
    const kind = !named ? 'raw' : saysWhere(error.message, trial) ? 'refused' : 'unnamed'
    return { kind, what: `${trial.label}: ${error.name}: ${String(error.message).split('\n')[0]}` }
  }
}

const describe = (x: unknown): string => {
  try {
    return typeof x === 'object' ? Object.prototype.toString.call(x) : inspect(x).slice(0, 60)
  } catch {
    return typeof x
  }
}

/** Under which a function stands in its entry. */
const localName = ({ name, of }: Subject): string => (of === undefined ? name.split('.').at(-1)! : `${of.name}().${of.key}`)

const prepare = async (): Promise<{
  readonly trials: readonly Trial[]
  readonly subjects: readonly Subject[]
  readonly unfitted: readonly string[]
}> => {
  const functions = await record({ ...calls, ...lawCalls })
  const methods = await methodsOf(functions.filter((s) => s.entry !== 'laws' && s.entry !== 'laws/laws'))
  const subjects = [...functions, ...methods.found]
  const signatures = signaturesOf([...new Set(subjects.map((s) => s.entry))])
  const only = process.env['ADJOINT_ONLY']
  const trials = subjects
    .filter((s) => untried[s.name] === undefined && (only === undefined || s.name.startsWith(only)))
    .flatMap((s) => trialsOf(s, signatures.get(s.entry)!.get(localName(s)) ?? []))
  return { trials, subjects, unfitted: methods.unfitted }
}

/** Waits until the message is out: a synchronous hang would keep it back. */
const send = (message: object): Promise<void> => new Promise((done) => process.send!(message, undefined, undefined, () => done()))

/** In the child: judges the trials from a position on, one message each. */
const work = async (from: number): Promise<void> => {
  process.on('unhandledRejection', () => undefined)
  const { trials, subjects, unfitted } = await prepare()
  const idle = subjects.filter((s) => s.calls.length === 0 && untried[s.name] === undefined).map((s) => s.name)
  await send({ count: trials.length, functions: subjects.length, idle, unfitted, labels: trials.map((t) => t.label) })
  for (let at = from; at < trials.length; at++) {
    await send({ at, kind: 'begun' })
    await send({ at, ...(await judge(trials[at]!)) })
    if (trials[at]!.subject.name === 'configure') configure({ backend: 'wasm', threads: 1, debugNans: false, trackBuffers: false })
    // Nothing that was refused may have harmed what comes after.
    if (at % 500 === 0 && np.sum(np.ones([5000])).item() !== 5000)
      await send({ at, kind: 'silent', what: `${trials[at]!.label}: the heap is harmed` })
  }
  await send({ done: true })
}

type Message =
  | {
      readonly count: number
      readonly functions: number
      readonly idle: readonly string[]
      readonly unfitted: readonly string[]
      readonly labels: readonly string[]
    }
  | { readonly at: number; readonly kind: 'begun' }
  | Outcome
  | { readonly done: true }

const drive = async (): Promise<number> => {
  const outcomes: Outcome[] = []
  let summary = {
    count: 0,
    functions: 0,
    idle: [] as readonly string[],
    unfitted: [] as readonly string[],
    labels: [] as readonly string[],
  }
  const run = (from: number): Promise<number> =>
    new Promise((resolve) => {
      const child: ChildProcess = fork(process.env['ADJOINT_PROGRAM']!, [String(from)], {
        execArgv: ['--enable-source-maps'],
        env: { ...process.env, ADJOINT_SURFACE: String(from) },
      })
      let current = from
      let timer: NodeJS.Timeout | undefined
      const wait = (ms: number): void => {
        clearTimeout(timer)
        timer = setTimeout(() => child.kill('SIGKILL'), ms)
      }
      wait(300_000)
      child.on('message', (m: Message) => {
        if ('done' in m) {
          clearTimeout(timer)
          child.kill()
          resolve(-1)
        } else if ('count' in m) summary = m
        else if (m.kind === 'begun') {
          current = m.at
          wait(quick)
        } else outcomes.push(m)
      })
      child.on('exit', () => {
        clearTimeout(timer)
        outcomes.push({
          at: current,
          kind: 'hang',
          what: `${summary.labels[current] ?? 'start'}: no answer in ${quick / 1000} s, or the process ended`,
        })
        resolve(current + 1)
      })
    })
  let from = 0
  while (from >= 0 && (from === 0 || from < summary.count)) from = await run(from)
  const of = (kind: Outcome['kind']): readonly Outcome[] => outcomes.filter((o) => o.kind === kind)
  for (const kind of ['raw', 'silent', 'hang'] as const) for (const o of of(kind)) console.log(`${kind}: ${o.what}`)
  if (shown || of('unnamed').length > unnamedAtMost) for (const o of of('unnamed')) console.log(`unnamed: ${o.what}`)
  const unexpected = summary.unfitted.filter((name) => known[name] === undefined)
  const fitted = Object.keys(known).filter((name) => !summary.unfitted.includes(name))
  for (const name of summary.unfitted) console.log(`no right call: ${name}: ${known[name] ?? 'not listed in methods.ts'}`)
  for (const name of fitted) console.log(`listed without a right call, and has one: ${name}`)
  for (const name of summary.idle) console.log(`no call: ${name}`)
  const unnamed = of('unnamed').length
  const failures =
    of('raw').length +
    of('silent').length +
    of('hang').length +
    Math.max(0, unnamed - unnamedAtMost) +
    summary.idle.length +
    unexpected.length +
    fitted.length
  console.log(`refused ${of('refused').length}, right ${of('right').length}, without a call ${summary.idle.length}`)
  console.log(`methods without a right call ${summary.unfitted.length}, of them not listed ${unexpected.length}`)
  console.log(`refusals that do not name the function and the argument ${unnamed}, at most ${unnamedAtMost}`)
  console.log(
    `${summary.count} calls of ${summary.functions} functions: ${of('raw').length} raw errors, ${of('silent').length} accepted in silence, ${of('unnamed').length} unnamed, ${of('hang').length} hangs`,
  )
  return failures === 0 ? 0 : 1
}

const from = process.env['ADJOINT_SURFACE']
if (from === undefined) process.exit(await drive())
else await work(Number(from))
