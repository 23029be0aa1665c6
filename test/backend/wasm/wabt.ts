/** The WebAssembly Binary Toolkit, as a second opinion on what the encoder writes. */
import wabt from 'wabt'

const toolkit = await wabt()

/** Proposals beyond the first version of WebAssembly that modules may need. */
export const proposals = ['simd', 'sat_float_to_int', 'bulk_memory', 'threads', 'relaxed_simd', 'reference_types', 'multi_value'] as const
/** One of them. */
export type Proposal = (typeof proposals)[number]

/** Everything that the toolkit knows beside them is off. */
const others = [
  'sign_extension',
  'mutable_globals',
  'extended_const',
  'tail_call',
  'exceptions',
  'gc',
  'memory64',
  'function_references',
] as const

const features = (on: readonly Proposal[]) =>
  Object.fromEntries([...proposals.map((p) => [p, on.includes(p)] as const), ...others.map((p) => [p, false] as const)])

type Decoded = ReturnType<typeof toolkit.readWasm>
/** What its declaration leaves out. */
type Validated = Decoded & { readonly validate: (features: object) => void }

const decoded = <R>(code: Uint8Array, on: readonly Proposal[], use: (m: Validated, features: object) => R): R => {
  // It reads the whole buffer of a view: a copy has no more than the view.
  const m = toolkit.readWasm(code.slice(), features(on)) as Validated
  try {
    return use(m, features(on))
  } finally {
    m.destroy()
  }
}

/** The text of a module, one instruction per line, without regard to types. @throws Error where it cannot be decoded */
export const textOf = (code: Uint8Array, on: readonly Proposal[] = proposals): string =>
  decoded(code, on, (m) => m.toText({ foldExprs: false, inlineExport: false }))

/** Decodes a module with the proposals `on` alone, checks its types, and encodes it again. @throws Error where it is not valid */
export const checked = (code: Uint8Array, on: readonly Proposal[] = proposals): Uint8Array =>
  decoded(code, on, (m, f) => {
    m.validate(f)
    return m.toBinary({}).buffer.slice()
  })

/** The proposals that a module does not do without. */
export const needs = (code: Uint8Array): readonly Proposal[] =>
  proposals.filter((p) => {
    try {
      checked(
        code,
        proposals.filter((q) => q !== p),
      )
      return false
    } catch {
      return true
    }
  })
