/**
 * Documentation that runs: every fenced ts block of README.md and docs/*.md, and every @example of src and laws, is type-checked
 * and run against the packed tarball in an empty folder.
 *
 * A statement that is an expression followed on its line by a comment that reads as a value, `x.shape  // [2, 3]`, is compared with it,
 * to the digits shown; `// float32[3]` is compared with the aval, and `// throws ShapeError` with the error. Other comments are prose.
 * `const [y, dy] = f(x)  // y = 0, dy = 1` compares declared names. A block marked `ts no-run` is type-checked only.
 *
 * An @example needs no imports: free names are imported from the entry that exports them. A few more are given: see `given`.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { transformSync } from 'esbuild'
import ts from 'typescript'
import { names, specifier } from './entries.mjs'
import { packed, pinned, root, run, tool } from './packed.mjs'

const list = (folder, extension) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile() && e.name.endsWith(extension))
    .map((e) => relative(root, join(e.parentPath, e.name)))
    .sort()

/** Blocks of a Markdown file: `{ at, code, runs }`. */
const markdown = (file) => {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/^```ts([^\n]*)\n([\s\S]*?)^```/gm)].map((m) => ({
    file,
    at: `${file}:${text.slice(0, m.index).split('\n').length + 1}`,
    code: m[2],
    runs: !m[1].includes('no-run'),
  }))
}

/** The @example of every doc comment of a source file, free names imported. */
const examples = (file, exported) => {
  const text = readFileSync(join(root, file), 'utf8')
  const floor = file.startsWith('laws/') ? 'laws' : file.split('/')[1]
  return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap((comment) => {
    const lines = comment[0]
      .replace(/\*\/$/, '')
      .split('\n')
      .map((l) => l.replace(/^\s*\/?\*+ ?/, ''))
    const start = text.slice(0, comment.index).split('\n').length
    return lines.flatMap((line, i) => {
      const tag = /^@example\s*(.*)$/.exec(line)
      if (tag === null) return []
      const end = lines.findIndex((l, j) => j > i && /^@\w+/.test(l))
      const body = lines.slice(i + 1, end === -1 ? lines.length : end).filter((l) => !/^```/.test(l))
      const code = body.join('\n').trim()
      if (code === '') return [{ file, at: `${file}:${start + i}`, code: '', runs: true }]
      return [
        { file, at: `${file}:${start + i + 1}`, code: imports(code, floor, exported) + code + '\n', runs: !tag[1].includes('no-run') },
      ]
    })
  })
}

/** Names that examples may use without saying what they are, and their declarations. */
const given = {
  x: 'const x = np.array([1, 2, 3])',
  y: 'const y = np.array([4, 5, 6])',
  z: 'const z = np.array([7, 8, 9])',
  w: 'const w = np.array([[1, 2, 3], [4, 5, 6]])',
  b: 'const b = np.array([0.5, -0.5, 0])',
  key: 'const key = random.key(0)',
  params:
    'const params = { l1: { w: np.array([[1, 2], [3, 4]]), b: np.array([0.5, -0.5]) }, l2: { w: np.array([[5, 6], [7, 8]]), b: np.array([1, 2]) } }',
  O: `import * as O from 'fp-ts/lib/Option.js'`,
  E: `import * as E from 'fp-ts/lib/Either.js'`,
  TE: `import * as TE from 'fp-ts/lib/TaskEither.js'`,
  pipe: `import { pipe } from 'fp-ts/lib/function.js'`,
  flow: `import { flow } from 'fp-ts/lib/function.js'`,
  MonoidSum: `import { MonoidSum } from 'fp-ts/lib/number.js'`,
  fc: `import fc from 'fast-check'`,
  concatAll: `import { concatAll } from 'fp-ts/lib/Monoid.js'`,
}

/** Import lines for the names that `code` uses and neither declares nor imports: from the root, else from the entry of its own floor, else from that of those who extend the library. */
const imports = (code, floor, exported) => {
  const source = ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2022, true)
  const used = new Set()
  const declared = new Set()
  const visit = (node) => {
    if (ts.isIdentifier(node)) {
      const parent = node.parent
      const isName =
        (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
        (ts.isPropertyAssignment(parent) && parent.name === node) ||
        (ts.isPropertySignature(parent) && parent.name === node) ||
        (ts.isBindingElement(parent) && parent.propertyName === node)
      if (
        ((ts.isVariableDeclaration(parent) ||
          ts.isParameter(parent) ||
          ts.isBindingElement(parent) ||
          ts.isTypeParameterDeclaration(parent)) &&
          parent.name === node) ||
        ts.isImportSpecifier(parent) ||
        ts.isImportClause(parent) ||
        ts.isNamespaceImport(parent) ||
        ((ts.isTypeAliasDeclaration(parent) || ts.isInterfaceDeclaration(parent) || ts.isFunctionDeclaration(parent)) &&
          parent.name === node)
      )
        declared.add(node.text)
      else if (!isName) used.add(node.text)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  const lines = new Map()
  const wanted = Object.keys(given).filter((name) => used.has(name) && !declared.has(name))
  const lead = wanted.map((name) => `${given[name]}; `)
  for (const name of wanted)
    for (const word of ['np', 'random']) if (given[name].includes(`${word}.`) && !declared.has(word)) used.add(word)
  for (const name of used) {
    if (declared.has(name)) continue
    if (wanted.includes(name)) continue
    const from = ['index', floor, 'extend', 'laws'].find((entry) => exported.get(entry)?.has(name))
    if (from === undefined) continue
    const word = exported.get(from).get(name) === 'type' ? `type ${name}` : name
    lines.set(from, [...(lines.get(from) ?? []), word])
  }
  return [...lines].map(([entry, words]) => `import { ${words.join(', ')} } from '${specifier(entry)}'; `).join('') + lead.join('')
}

/** Entry -> exported name -> 'value' | 'type', from the declarations in the tarball. */
const exportsOf = (folder) => {
  const files = names.map((name) => join(folder, 'node_modules', 'adjoint', 'dist', `${name}.d.ts`))
  const program = ts.createProgram(files, {
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    skipLibCheck: true,
    types: [],
  })
  const checker = program.getTypeChecker()
  return new Map(
    names.map((name, i) => {
      const file = program.getSourceFile(files[i])
      const symbol = file && checker.getSymbolAtLocation(file)
      const found = (symbol === undefined ? [] : checker.getExportsOfModule(symbol)).map((s) => {
        const target = s.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(s) : s
        return [s.name, target.flags & (ts.SymbolFlags.Value | ts.SymbolFlags.NamespaceModule) ? 'value' : 'type']
      })
      return [name, new Map(found)]
    }),
  )
}

/** A comment that reads as a value, or undefined. */
const expectation = (comment) => {
  const text = comment.trim().replace(/^=>\s*/, '')
  const thrown = /^throws (\w+)/.exec(text)
  if (thrown) return { throws: thrown[1] }
  if (/^(bool|u?int32|float(16|32|64)|bfloat16)\[[\d, ]*\]$/.test(text)) return { aval: text.replaceAll(' ', '') }
  const json = text.replaceAll(/'([^']*)'/g, '"$1"').replaceAll(/(?<![\w"])(-?)(NaN|Infinity)\b/g, '"$1$2"')
  try {
    return { value: JSON.parse(json), shown: text }
  } catch {
    return undefined
  }
}

/** `code` with every checked expression statement wrapped in `__check(() => expression, expectation)`. */
const withChecks = (code, at) => {
  const source = ts.createSourceFile('block.ts', code, ts.ScriptTarget.ES2022, true)
  const edits = []
  for (const statement of source.statements) {
    const comment = /^[ \t]*\/\/ ?([^\n]*)/.exec(code.slice(statement.end))
    if (comment !== null && ts.isVariableStatement(statement)) {
      const line = source.getLineAndCharacterOfPosition(statement.getStart(source)).line
      const place = at.replace(/:(\d+)$/, (_, n) => `:${Number(n) + line}`)
      const named = comment[1].split(/, (?=[\w.]+ = )/).map((part) => /^([\w.]+) = (.*)$/.exec(part.trim()))
      const tests = named.flatMap((m) => {
        const expected = m === null ? undefined : expectation(m[2])
        return expected === undefined ? [] : [`await __check(() => (${m[1]}), ${JSON.stringify(expected)}, ${JSON.stringify(place)});`]
      })
      edits.push(...tests.map((text) => ({ start: statement.end, end: statement.end, text: `; ${text}` })))
    }
    if (!ts.isExpressionStatement(statement)) continue
    const expected = comment === null ? undefined : expectation(comment[1])
    if (expected === undefined) continue
    const start = statement.getStart(source)
    const line = source.getLineAndCharacterOfPosition(start).line
    const place = at.replace(/:(\d+)$/, (_, n) => `:${Number(n) + line}`)
    const expression = statement.expression.getText(source)
    const asynchronous = expression.startsWith('await ')
    edits.push({
      start,
      end: statement.end,
      text: `await __check(${asynchronous ? 'async ' : ''}() => (${expression}), ${JSON.stringify(expected)}, ${JSON.stringify(place)});`,
    })
  }
  return { code: edits.reduceRight((text, e) => text.slice(0, e.start) + e.text + text.slice(e.end), code), checks: edits.length }
}

/** Runs in the consumer: imports each block, compares, prints one JSON line per block. */
const runner = `
import { inspect } from 'node:util'
import { readFileSync } from 'node:fs'
const digits = (shown) => {
  const decimals = [...shown.matchAll(/\\d+(?:\\.(\\d+))?(?:e[+-]?\\d+)?/g)].map((m) => m[1]?.length ?? 0)
  return Math.max(0, ...decimals)
}
const plain = (v) => {
  if (v !== null && typeof v === 'object' && typeof v.toArray === 'function') return plain(v.toArray())
  if (Array.isArray(v) || ArrayBuffer.isView(v)) return Array.from(v, plain)
  if (typeof v === 'number' && !Number.isFinite(v)) return String(v)
  if (v !== null && typeof v === 'object') return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, plain(x)]))
  return v
}
const same = (a, b, tol) => {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) <= tol || Math.abs(a - b) <= 1e-6 * Math.abs(b)
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((x, i) => same(x, b[i], tol))
  if (a && b && typeof a === 'object' && typeof b === 'object') return Object.keys({ ...a, ...b }).every((k) => same(a[k], b[k], tol))
  return a === b
}
globalThis.__check = async (f, expected, at) => {
  let got
  try {
    got = await f()
  } catch (e) {
    if (expected.throws && e.name === expected.throws) return
    throw e
  }
  if (expected.throws) throw new Error(at + ': expected ' + expected.throws + ', got ' + inspect(got))
  if (expected.aval) {
    const a = got.dtype + '[' + got.shape.join(',') + ']'
    if (a !== expected.aval) throw new Error(at + ': says ' + expected.aval + ', is ' + a)
    return
  }
  if (!same(plain(got), expected.value, 0.5001 * 10 ** -digits(expected.shown))) throw new Error(at + ': says ' + expected.shown + ', is ' + inspect(plain(got)))
}
for (const [file, at] of JSON.parse(readFileSync(process.argv[2], 'utf8'))) {
  let error = null
  const log = console.log
  console.log = () => undefined
  try { await import(file) } catch (e) { error = e instanceof Error ? e.stack ?? e.message : String(e) }
  console.log = log
  console.log(JSON.stringify({ at, error }))
}
`

const { folder } = packed([pinned('fast-check'), pinned('@viz-js/viz'), pinned('@types/node')])
const exported = exportsOf(folder)
const only = process.argv.slice(2)
const blocks = [
  ...['README.md', ...list('docs', '.md').filter((f) => !f.startsWith('docs/api'))].flatMap(markdown),
  ...[...list('src', '.ts'), ...list('laws', '.ts')].flatMap((f) => examples(f, exported)),
].filter((b) => only.length === 0 || only.some((o) => b.at.startsWith(o)))

const failures = []
let checks = 0
const prepared = blocks.map((block, i) => {
  const name = `block${i}`
  writeFileSync(join(folder, `${name}.ts`), `${block.code}\nexport {}\n`)
  const checked = withChecks(block.code, block.at)
  checks += checked.checks
  try {
    writeFileSync(
      join(folder, `${name}.mjs`),
      transformSync(`${checked.code}\nexport {}\n`, { loader: 'ts', target: 'es2022', format: 'esm' }).code,
    )
  } catch (e) {
    failures.push(`${block.at}: ${e.message}`)
  }
  return { ...block, name }
})

for (const { at, code } of prepared) if (code.trim() === '') failures.push(`${at}: empty example`)

writeFileSync(
  join(folder, 'tsconfig.json'),
  JSON.stringify({
    compilerOptions: {
      target: 'es2022',
      lib: ['es2022', 'dom'],
      module: 'node16',
      moduleResolution: 'node16',
      strict: true,
      noUncheckedIndexedAccess: false,
      exactOptionalPropertyTypes: true,
      skipLibCheck: true,
      noEmit: true,
      types: ['node'],
    },
    include: ['block*.ts'],
  }),
)
try {
  run(tool('tsc'), ['-p', folder, '--pretty', 'false'], { cwd: folder })
} catch (e) {
  const lines = e.message.split('\n').slice(1)
  for (const line of lines) {
    const m = /^block(\d+)\.ts\((\d+),\d+\): (.*)$/.exec(line)
    if (m === null) failures.push(line)
    else {
      const { at } = prepared[Number(m[1])]
      failures.push(at.replace(/:(\d+)$/, (_, n) => `:${Number(n) + Number(m[2]) - 1}`) + `: ${m[3]}`)
    }
  }
}

writeFileSync(join(folder, 'runner.mjs'), runner)
const groups = new Map()
for (const b of prepared.filter((b) => b.runs)) {
  const group = b.file.endsWith('.md') ? b.file : 'examples'
  groups.set(group, [...(groups.get(group) ?? []), [`./${b.name}.mjs`, b.at]])
}
let ran = 0
for (const [group, entries] of groups) {
  const file = join(folder, 'list.json')
  writeFileSync(file, JSON.stringify(entries))
  try {
    const lines = run(process.execPath, ['runner.mjs', file], { cwd: folder, timeout: 300_000, maxBuffer: 1 << 28 })
      .trim()
      .split('\n')
    for (const line of lines.filter((l) => l.startsWith('{'))) {
      const { at, error } = JSON.parse(line)
      ran++
      if (error !== null)
        failures.push(
          `${at}: ${error
            .split('\n')
            .filter((l) => !/^\s+at /.test(l))
            .slice(0, 4)
            .join('\n    ')}`,
        )
    }
  } catch (e) {
    failures.push(`${group}: ${e.message}`)
  }
}
const expected = [...groups.values()].reduce((n, g) => n + g.length, 0)
if (ran !== expected) failures.push(`${expected - ran} blocks did not run`)

for (const f of failures) console.error(`FAIL  ${f}`)
console.log(`docs: ${blocks.length} blocks and examples, ${ran} run, ${checks} shown values compared, ${failures.length} failures`)
process.exit(failures.length === 0 ? 0 : 1)
