/** The program of members as a text. The build puts the bundle of `member.ts` here (`scripts/member.mjs`); before it there is none. */
export const memberSource: string = ''
