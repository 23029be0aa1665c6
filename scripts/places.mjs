/**
 * The places that a new thing has, counted: plants a scalar operation, a primitive and a dtype in the source as the compiler reads it, each in
 * its first places only, and expects the compiler to name the others, and nothing else. `node scripts/places.mjs`; nothing is written.
 */
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * What is planted, by the word that errors about it contain: edits (file, text, its replacement), and the places that the compiler must
 * name: files, or folders in which it must name at least one.
 */
const plants = {
  plantedOperation: {
    what: 'a scalar operation',
    edits: [['src/kernel/operations.ts', `'neg', 'abs'`, `'neg', 'plantedOperation', 'abs'`]],
    // what it applies to, exactness, cost, sign; and what it means by simpler operations, which backends without a line for it take
    places: ['src/kernel/properties.ts', 'src/kernel/expand/definitions.ts'],
  },
  plantedPrimitive: {
    what: 'an elementwise primitive',
    edits: [
      [
        'src/prim/exponential.ts',
        'export const expP',
        `export const plantedPrimitiveP: Primitive = elementwise('plantedPrimitive', { scalar: (x) => s.exp(x) })\nexport const expP`,
      ],
      ['src/prim/all.ts', '  exp: exponential.expP,', '  exp: exponential.expP,\n  plantedPrimitive: exponential.plantedPrimitiveP,'],
    ],
    places: ['laws/domains/index.ts', 'src/compile/onnx/table.ts'],
  },
  plantedDtype: {
    what: 'a dtype',
    edits: [['src/core/dtype.ts', `export type DType = `, `export type DType = 'plantedDtype' | `]],
    // its row and joins; what backends, files and laws have to know of it
    places: ['src/core/dtype.ts', 'src/backend/', 'src/compile/onnx/', 'src/io/', 'laws/'],
  },
}

const edited = new Map()
for (const { edits } of Object.values(plants))
  for (const [file, before, after] of edits) {
    const text = edited.get(file) ?? readFileSync(join(root, file), 'utf8')
    if (text.split(before).length !== 2) throw new Error(`${file} has not one ${before}`)
    edited.set(file, text.replace(before, after))
  }

const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
const { options, fileNames } = ts.parseJsonConfigFileContent({ ...config, include: ['src', 'laws'] }, ts.sys, root)
const host = ts.createCompilerHost({ ...options, incremental: false, tsBuildInfoFile: undefined }, true)
const nameOf = (file) => relative(root, file).replaceAll('\\', '/')
const read = host.getSourceFile
host.getSourceFile = (file, ...rest) => {
  const text = edited.get(nameOf(file))
  return text === undefined ? read(file, ...rest) : ts.createSourceFile(file, text, rest[0], true)
}
const program = ts.createProgram(fileNames, { ...options, incremental: false, tsBuildInfoFile: undefined }, host)
const errors = fileNames
  .flatMap((file) => program.getSemanticDiagnostics(program.getSourceFile(file)))
  .map((d) => ({
    code: d.code,
    file: nameOf(d.file.fileName),
    text: ts.flattenDiagnosticMessageText(d.messageText, ' '),
    line: d.file.getLineAndCharacterOfPosition(d.start).line + 1,
  }))

/** A switch over dtypes that lacks one has no word of it in its error. */
const lacksReturn = 2366
const plantOf = (e) => Object.keys(plants).find((word) => e.text.includes(word)) ?? (e.code === lacksReturn ? 'plantedDtype' : undefined)
const isIn = (file, place) => file === place || (place.endsWith('/') && file.startsWith(place))

const wrong = errors.filter((e) => plantOf(e) === undefined).map((e) => `${e.file}:${e.line}: ${e.text}`)
for (const [word, { what, edits, places }] of Object.entries(plants)) {
  const named = [...new Set(errors.filter((e) => plantOf(e) === word).map((e) => e.file))].sort()
  for (const place of places)
    if (!named.some((file) => isIn(file, place))) wrong.push(`${what}: ${place} may be forgotten: the compiler does not name it`)
  for (const file of named)
    if (!places.some((place) => isIn(file, place))) wrong.push(`${what}: the compiler names ${file}, which should know nothing of it`)
  const first = new Set(edits.map(([file]) => file))
  console.log(`${what}: planted in ${[...first].join(', ')}; forgotten in ${named.join(', ')}: ${first.size + places.length} places`)
}
for (const line of wrong) console.log(line)
console.log(`places: ${errors.length} errors of the compiler, ${wrong.length} faults`)
process.exitCode = wrong.length === 0 ? 0 : 1
