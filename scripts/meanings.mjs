/**
 * An exported type name means one thing in the whole tree: `node scripts/meanings.mjs` lists those that several files of src declare. How many
 * there may be is a ceiling that only falls; `--self-test` plants one name twice and expects it to be found.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Names with several meanings. */
const most = 0

/** Name of an exported type -> the files that declare it. */
const declared = (files) => {
  const found = new Map()
  for (const [file, text] of files)
    for (const s of ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, false).statements)
      if (
        (ts.isTypeAliasDeclaration(s) || ts.isInterfaceDeclaration(s)) &&
        s.modifiers?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword)
      )
        found.set(s.name.text, [...(found.get(s.name.text) ?? []), file])
  return found
}

const ambiguous = (files) => [...declared(files)].filter(([, where]) => where.length > 1).sort(([a], [b]) => (a < b ? -1 : 1))

if (process.argv.includes('--self-test')) {
  const twice = ambiguous([
    ['src/a.ts', 'export interface Plan {}\nexport type One = 1\ninterface Own {}\n'],
    ['src/b.ts', 'export type Plan = 1\ninterface Own {}\nexport type { One } from "./a.js"\n'],
  ])
  const right = JSON.stringify(twice) === JSON.stringify([['Plan', ['src/a.ts', 'src/b.ts']]])
  console.log(`meanings self-test: ${right ? 'the planted name is found, and no other' : `found ${JSON.stringify(twice)}`}`)
  process.exit(right ? 0 : 1)
}

const files = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
  .filter((e) => e.isFile() && e.name.endsWith('.ts'))
  .map((e) => join(e.parentPath, e.name))
  .map((file) => [relative(root, file).replaceAll('\\', '/'), readFileSync(file, 'utf8')])
const found = ambiguous(files)
for (const [name, where] of found) console.log(`${name}: ${where.join(' ')}`)
console.log(`meanings: ${found.length} exported type names that several files declare, at most ${most}`)
if (found.length < most) console.log(`lower the ceiling to ${found.length}`)
process.exitCode = found.length <= most ? 0 : 1
