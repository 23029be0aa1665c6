/** What the engine, the page or the system would not give: each is asked for once, and told by `probe`. */
import { canShare } from './host.js'

const told = new Set<string>()

/** Notes what is done instead and why: `on one thread, because ...`. */
export const refused = (what: string): void => void told.add(what)

let instead: string | null = null
/** Notes that nothing runs here, and why: the reference stands in. */
export const replaced = (why: string): void => void (instead = why)
/** Why the reference stands in for this backend, which was tried; `null` when it does not. */
export const replacement = (): string | null => instead

/** What is done otherwise than where everything is allowed, as far as it was tried. */
export const refusals = (): readonly string[] => [
  ...(canShare() ? [] : ['on one thread, because the page is not cross-origin isolated (Cross-Origin-Opener-Policy, -Embedder-Policy)']),
  ...told,
]
