import { expect } from 'chai'
import fc from 'fast-check'
import { distance, mistakesAllowed } from './distance.ts'
import { otherLayout } from './layout.ts'
import { markFound, snippetOf } from './mark.ts'
import { parseQuery } from './query.ts'
import { nameStemOf, stemOf, trigramsOf, typedStemsOf, wordsOf } from './words.ts'

const WORD = fc.stringMatching(/^[а-я]{1,12}$/)

describe('words of the search', () => {
  it('are folded, without signs, and double names are two', () => {
    expect(wordsOf('  Школа №\u00a05, Петрова-Водкина: за́мок, Ёлка!')).to.deep.equal([
      ...['школа', '5', 'петрова', 'водкина', 'замок', 'елка'],
    ])
    expect(wordsOf('…')).to.deep.equal([])
  })

  it('have their stem in common, in Russian and in English', () => {
    for (const forms of ['школа школы школе школами', 'приказ приказами приказу', 'обучение обучения обучению'])
      expect(new Set(forms.split(' ').map(stemOf)).size, forms).to.equal(1)
    expect(new Set('teaching teach teaches'.split(' ').map(stemOf)).size).to.equal(1)
    expect(stemOf('5а')).to.equal('5а')
  })

  it('are names in another way: Иванова and Иванов are one, and Иван is another', () => {
    for (const [name, typed] of [
      ['иванов', 'иванов иванова иванову ивановой ивановым'],
      ['максим', 'максим максима максимом'],
      ['сергей', 'сергей сергея сергею сергеем'],
      ['мария', 'мария марии марией марья'],
      ['ковальская', 'ковальский ковальского ковальской ковальская'],
    ] as const) {
      for (const form of typed.split(' ')) expect(typedStemsOf(form), form).to.include(nameStemOf(name))
    }
    expect(typedStemsOf('иванов')).not.to.include(nameStemOf('иван'))
  })

  it('are never empty, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        for (const word of wordsOf(text)) {
          expect(word).not.to.equal('')
          expect(stemOf(word)).not.to.equal('')
          expect(trigramsOf(stemOf(word)).every((trigram) => trigram.length === 3)).to.equal(true)
        }
        for (const { word } of parseQuery(text)) expect(word.length).to.be.at.most(48)
        expect(parseQuery(text).length).to.be.at.most(6)
      }),
    )
  })
})

describe('the other keyboard', () => {
  it('is understood in both directions, with the signs that are letters there', () => {
    expect(otherLayout('ghbrfp')).to.equal('приказ')
    expect(otherLayout('[jh')).to.equal('хор')
    expect(otherLayout('Bdfyjdf')).to.equal('иванова')
    expect(otherLayout('еуые')).to.equal('test')
    expect(otherLayout('приказ5')).to.equal('ghbrfp5')
    expect(otherLayout('mix микс')).to.equal(undefined)
    expect(otherLayout('2026')).to.equal(undefined)
  })

  it('leads back to what was typed', () => {
    const typed = WORD.filter((word) => /[a-z]/.test(otherLayout(word) as string))
    fc.assert(fc.property(typed, (word) => otherLayout(otherLayout(word) as string) === word))
  })

  it('keeps one word one word, and drops what stands around it', () => {
    expect(parseQuery('ghj,ktvf')[0]).to.deep.include({ others: ['проблема'] })
    expect(parseQuery('ghbrfp,')[0]?.others).to.include('приказ')
    expect(parseQuery('ghbrfp')[0]?.others).to.deep.equal(['приказ'])
  })
})

describe('distance', () => {
  it('counts what is wrong, missing, too many, or has changed places', () => {
    const cases: [string, string, number][] = [
      ['иванова', 'иванова', 0],
      ['ивонова', 'иванова', 1],
      ['иванва', 'иванова', 1],
      ['иваанова', 'иванова', 1],
      ['приакз', 'приказ', 1],
      ['матиматека', 'математика', 2],
    ]
    for (const [a, b, mistakes] of cases) expect(distance(a, b, 2), `${a} ${b}`).to.equal(mistakes)
    expect(distance('кот', 'бегемот', 2)).to.equal(Number.POSITIVE_INFINITY)
    expect([mistakesAllowed('кот'), mistakesAllowed('школа'), mistakesAllowed('учитель')]).to.deep.equal([0, 1, 2])
  })

  it('is the same both ways, nothing for the same, and within its bound what it is without one', () => {
    fc.assert(
      fc.property(WORD, WORD, (a, b) => {
        const whole = distance(a, b, 99)
        expect(distance(b, a, 99)).to.equal(whole)
        expect(whole === 0).to.equal(a === b)
        expect(whole).to.be.at.most(Math.max(a.length, b.length))
        for (const most of [0, 1, 2]) {
          expect(distance(a, b, most)).to.equal(whole <= most ? whole : Number.POSITIVE_INFINITY)
        }
      }),
    )
  })
})

describe('typed words', () => {
  it('tell something: common ones count only alone, addresses are one word', () => {
    const words = (text: string) => parseQuery(text).map(({ word }) => word)
    expect(words('приказ о зачислении')).to.deep.equal(['приказ', 'зачислении'])
    expect(words('о')).to.deep.equal(['о'])
    expect(words('Anna.Ivanova@mail.example школа')).to.deep.equal(['=anna.ivanova@mail.example', 'школа'])
    expect(words('школа школа')).to.deep.equal(['школа'])
  })
})

describe('found words', () => {
  it('are marked in a text, whatever their case, ё and stress', () => {
    const pieces = markFound('Берёза и за́мок', new Set(['береза', 'замок']))
    expect(pieces.filter(({ isFound }) => isFound).map(({ text }) => text)).to.deep.equal(['Берёза', 'за́мок'])
  })

  it('leave every text as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (text) => {
        const words = new Set(wordsOf(text).slice(0, 2))
        expect(
          markFound(text, words)
            .map((piece) => piece.text)
            .join(''),
        ).to.equal(text)
      }),
    )
  })

  it('are shown with the lines around them, in the language in which they stand', () => {
    const long = `${'слово '.repeat(100)}урок и ещё ${'другое '.repeat(100)}`
    const snippet = snippetOf({ ru: long, en: 'a lesson' }, 'en', new Set(['урок']))
    const text = snippet.map((piece) => piece.text).join('')
    expect(text).to.match(/^… слово .*урок и ещё .* …$/)
    expect(text.length).to.be.below(260)
    expect(snippetOf({ ru: long }, 'ru', new Set(['нет']))).to.deep.equal([])
  })
})
