import { networkInterfaces } from 'node:os'
import { LANGUAGES, translator } from '../server/core/i18n/index.ts'

/** The language of the console, as far as the system tells; the product's first one otherwise. */
export function consoleLanguage(): string {
  const { INTEGRAL_LANGUAGE, LC_ALL, LC_MESSAGES, LANG } = process.env
  const wanted = (INTEGRAL_LANGUAGE || LC_ALL || LC_MESSAGES || LANG || '').slice(0, 2).toLowerCase()
  return LANGUAGES.find((code) => code === wanted) ?? (LANGUAGES[0] as string)
}

/** Says something on the console in every language: who reads it may not have chosen the console's. */
export function sayInAll(key: string, values: Record<string, unknown> = {}, write = console.log): void {
  for (const language of LANGUAGES) write(`\n${translator(language)(key, values)}`)
}

/** The addresses under which this machine can be reached, this machine itself first. */
export function addressesOf(port: number, host: string): string[] {
  if (host !== '0.0.0.0' && host !== '::') return [`http://${host}:${port}`]
  const others = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => `http://${address}:${port}`)
  return [`http://localhost:${port}`, ...others]
}
