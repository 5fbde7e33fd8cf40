import { expect } from 'chai'
import { innCheckDigit, makeOrganisations, type OrganisationKind } from './organisations.ts'
import { departmentsFor, headPositionFor, positionsFor } from './positions.ts'

describe('invented institutions', () => {
  const many = makeOrganisations(1_800, 5)

  for (const key of ['fullName', 'shortName', 'inn', 'phone', 'emailLocalPart'] as const) {
    it(`has no two with the same ${key} at the size of a city`, () => {
      expect(new Set(many.map((organisation) => organisation[key].toLowerCase())).size).to.equal(1_800)
    })
  }

  it('never hits a real tax number: the check digit is wrong', () => {
    // A real rule with a known answer, so that the test below cannot pass by a mistake in the rule.
    expect(innCheckDigit('780000000')).to.equal(((7 * 2 + 8 * 4) % 11) % 10)
    for (const { inn } of many) {
      expect(inn).to.match(/^\d{10}$/)
      expect(Number(inn[9])).not.to.equal(innCheckDigit(inn))
    }
  })

  it('has the kinds in proportion, for a demonstration and for a city', () => {
    const share = (list: { kind: OrganisationKind }[], kind: OrganisationKind) =>
      list.filter((organisation) => organisation.kind === kind).length / list.length
    for (const list of [makeOrganisations(40, 1), many]) {
      expect(share(list, 'school')).to.be.closeTo(0.6, 0.02)
      expect(share(list, 'kindergarten')).to.be.closeTo(0.25, 0.02)
      expect(share(list, 'additional') + share(list, 'college')).to.be.closeTo(0.15, 0.02)
    }
    for (let count = 0; count < 60; count++) expect(makeOrganisations(count, 1)).to.have.length(count)
  })

  it('has names that fit into a list and a place in the invented city', () => {
    for (const organisation of many) {
      expect(organisation.fullName.length).to.be.below(191)
      expect(organisation.shortName.length).to.be.below(60)
      expect(organisation.address).to.match(/^г\. Новоречинск, \S+ .+, д\. \d+/u)
      expect(organisation.staffWeight).to.be.above(0)
    }
  })

  it('gives the same institutions for the same seed', () => {
    expect(makeOrganisations(40, 9)).to.deep.equal(makeOrganisations(40, 9))
    expect(makeOrganisations(40, 9)).not.to.deep.equal(makeOrganisations(40, 10))
  })

  it('knows positions, departments and a head for every kind', () => {
    for (const kind of ['school', 'kindergarten', 'additional', 'college'] as const) {
      const positions = positionsFor(kind)
      const titles = positions.map(({ title }) => title)
      expect(new Set(titles).size).to.equal(titles.length)
      expect(titles).not.to.include(headPositionFor(kind).title)
      const departments = departmentsFor(kind)
      expect(new Set(departments).size).to.equal(departments.length)
      for (const { department, weight } of [...positions, headPositionFor(kind)]) {
        expect(departments).to.include(department)
        expect(weight).to.be.above(0)
      }
    }
  })
})
