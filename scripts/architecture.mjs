/**
 * Keeps docs/architecture.md true: `node scripts/architecture.mjs` compares the table of floors with the rules of `layers` and with the
 * tree, and looks for every path that the page names; `--write` writes the columns that are of the tree.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { floors } from './layers.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const page = 'docs/architecture.md'
const row = /^\| `([\w/]+)` \| ([^|]+) \| ([^|]*)\| ([^|]*)\|$/gm

const code = (names) => names.map((name) => `\`${name}\``).join(' ')

/** Files of a floor, without their ending, and its folders, with a slash; parts that are floors of their own are left out. */
const held = (floor) =>
  readdirSync(`${root}/src/${floor}`, { withFileTypes: true })
    .filter((e) => floors[`${floor}/${e.name}`] === undefined)
    .map((e) => (e.isDirectory() ? `${e.name}/` : e.name.replace(/\.ts$/, '')))
    .sort((a, b) => Number(a.endsWith('/')) - Number(b.endsWith('/')) || (a < b ? -1 : 1))

/** What a floor may import; of the many below the upper ones only what is out of line. */
const imports = (floor) => code(floors[floor])

/** The page with its columns as they should be, and what is wrong with it as it is. */
export const compare = (text) => {
  const seen = []
  const wrong = []
  const right = text.replace(row, (line, floor, what) => {
    seen.push(floor)
    if (floors[floor] === undefined) {
      wrong.push(`${page} has the floor ${floor}, and scripts/layers.mjs has not`)
      return line
    }
    const cells = [imports(floor), code(held(floor))].map((cell) => (cell === '' ? '' : `${cell} `))
    const expected = `| \`${floor}\` | ${what} | ${cells[0]}| ${cells[1]}|`
    if (line !== expected) wrong.push(`the row of ${floor} is out of date: node scripts/architecture.mjs --write`)
    return expected
  })
  for (const floor of Object.keys(floors)) if (!seen.includes(floor)) wrong.push(`${page} has no row for the floor ${floor}`)
  if (new Set(seen).size !== seen.length) wrong.push(`${page} has a floor twice`)
  for (const [, path] of text.matchAll(/`((?:src|laws|test|scripts)\/[\w./]+)`/g))
    if (!existsSync(`${root}/${path}`)) wrong.push(`${page} names ${path}, which does not exist`)
  return { right, wrong }
}

/** The floors that the table of CONTRIBUTING.md has rows for. */
export const contributing = () =>
  [...readFileSync(`${root}/CONTRIBUTING.md`, 'utf8').matchAll(/^\| ((?:`[\w/*]+`(?:, )?)+) \|/gm)].flatMap((m) =>
    [...m[1].matchAll(/`([\w/]+)(?:\/\*)?`/g)].map(([, name]) => name),
  )

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = readFileSync(`${root}/${page}`, 'utf8')
  const { right } = compare(text)
  if (process.argv.includes('--write')) writeFileSync(`${root}/${page}`, right)
  const { wrong } = compare(process.argv.includes('--write') ? right : text)
  for (const line of wrong) console.log(line)
  console.log(`architecture: ${Object.keys(floors).length} floors, ${wrong.length} faults`)
  process.exitCode = wrong.length === 0 ? 0 : 1
}
