import { expect } from 'chai'
import { hasText, LANGUAGES, translator } from '../../server/core/i18n/index.ts'
import { MAIL_CODES } from '../../server/core/mail/explain.ts'
import { DATABASE_CODES } from '../checks/database-check.ts'
import { checkDisk, checkMemory } from '../checks/machine-check.ts'
import { STAGES } from '../installer.ts'
import { STEPS } from './steps.ts'
import { databaseNotice, machineNotice } from './words.ts'

describe('words of the installer', () => {
  for (const language of LANGUAGES) {
    it(`say everything that a check can find, in ${language}`, () => {
      const keys = [
        ...DATABASE_CODES.map((code) => `install.databaseFound.${code}`),
        ...MAIL_CODES.map((code) => `install.mailFound.${code}`),
        ...STAGES.map((stage) => `install.stage.${stage}`),
        ...STEPS.flatMap((step) => [`install.steps.${step}`, `install.${step}.title`, `install.${step}.subtitle`]),
      ]
      expect(keys.filter((key) => !hasText(key, language))).to.deep.equal([])
    })

    it(`fill in everything that they name, in ${language}`, () => {
      const t = translator(language)
      const values = { host: 'h', port: 1, socket: '/s', user: 'u', database: 'd', client: 'localhost', file: '/f' }
      const more = { product: 'MySQL', version: '5.7', wanted: '8.0', rights: 'DROP', charset: 'latin1', message: 'm' }
      const rest = { total: 3, tables: 'a, b', migrations: '9999', behind: 0 }
      for (const code of DATABASE_CODES) {
        const report = { code, isUsable: false, values: { ...values, ...more, ...rest } }
        const { text, mend, commands } = databaseNotice(report, t, language)
        expect([text, mend ?? '', ...commands].join(' '), code).not.to.match(/\{\{|undefined/)
      }
    })

    it(`say sizes as people do, in ${language}`, () => {
      const t = translator(language)
      expect(machineNotice(checkDisk('/', 100_000), t, language).text).to.match(/97[.,]7 (ГБ|GB)/)
      expect(machineNotice(checkMemory(512), t, language).text).to.match(/512 (МБ|MB)/)
    })
  }
})
