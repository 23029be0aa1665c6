/** Python literals, as far as headers of npy files have them: dictionaries, tuples, lists, strings, integers, True, False, None. */

/** A literal as JavaScript has it; tuples and lists are arrays. */
export type PyLiteral = string | number | boolean | null | readonly PyLiteral[] | ReadonlyMap<string, PyLiteral>

const token = /\s*(?:([{}()[\],:])|[uUbB]?'((?:[^'\\]|\\.)*)'|[uUbB]?"((?:[^"\\]|\\.)*)"|(-?\d{1,16})L?(?![\w.])|(True|False|None)(?!\w))/y

const words: Readonly<Record<string, boolean | null>> = { True: true, False: false, None: null }

/** Nesting that no header needs. */
const deepest = 16

/** The value of a literal; `undefined` for anything else, also for text after it. Nothing is evaluated. */
export const parseLiteral = (text: string): PyLiteral | undefined => {
  let at = 0
  const next = (): RegExpExecArray | null => {
    token.lastIndex = at
    const found = token.exec(text)
    if (found !== null) at = token.lastIndex
    return found
  }
  const peeked = (): string | undefined => {
    token.lastIndex = at
    return token.exec(text)?.[1]
  }
  const list = (close: string, depth: number): readonly PyLiteral[] | undefined => {
    const items: PyLiteral[] = []
    while (peeked() !== close) {
      const item = value(depth)
      if (item === undefined) return undefined
      items.push(item)
      if (peeked() === ',') next()
      else if (peeked() !== close) return undefined
    }
    next()
    return items
  }
  const dictionary = (depth: number): ReadonlyMap<string, PyLiteral> | undefined => {
    const entries = new Map<string, PyLiteral>()
    while (peeked() !== '}') {
      const key = value(depth)
      if (typeof key !== 'string' || entries.has(key) || next()?.[1] !== ':') return undefined
      const item = value(depth)
      if (item === undefined) return undefined
      entries.set(key, item)
      if (peeked() === ',') next()
      else if (peeked() !== '}') return undefined
    }
    next()
    return entries
  }
  const value = (depth: number): PyLiteral | undefined => {
    const found = depth > deepest ? null : next()
    if (found === null) return undefined
    const [, mark, single, double, digits, word] = found
    if (digits !== undefined) return Number(digits)
    if (word !== undefined) return words[word]!
    if (mark === undefined) return single ?? double
    if (mark === '{') return dictionary(depth + 1)
    if (mark !== '(' && mark !== '[') return undefined
    const items = list(mark === '(' ? ')' : ']', depth + 1)
    // `(3)` is a number in brackets, `(3,)` a tuple.
    if (items === undefined || mark === '[' || items.length !== 1) return items
    return /,\s*\)$/.test(text.slice(0, at)) ? items : items[0]
  }
  const result = value(0)
  return text.slice(at).trim() === '' ? result : undefined
}
