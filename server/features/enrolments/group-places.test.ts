import { expect } from 'chai'
import { type GroupPlaces, placeNewcomers } from './group-places.ts'

const group = (id: number, members: number, capacity: number | null = null): GroupPlaces => {
  return { id, name: `Группа ${id}`, capacity, members }
}

describe('placing newcomers into groups', () => {
  it('fills groups evenly and keeps those who come together together', () => {
    const modules = [
      { moduleId: 1, groups: [group(11, 0), group(12, 0)] },
      { moduleId: 2, groups: [group(21, 0), group(22, 0)] },
    ]
    const placed = placeNewcomers(modules, 4)
    expect(placed).to.deep.equal({
      ok: true,
      groupIds: [
        [11, 21],
        [12, 22],
        [11, 21],
        [12, 22],
      ],
    })
  })

  it('evens out groups that were unequal before', () => {
    const placed = placeNewcomers([{ moduleId: 1, groups: [group(11, 5), group(12, 2)] }], 5)
    expect(placed.ok && placed.groupIds.flat()).to.deep.equal([12, 12, 12, 11, 12])
  })

  it('never fills a group beyond its places', () => {
    const placed = placeNewcomers([{ moduleId: 1, groups: [group(11, 0, 1), group(12, 0)] }], 4)
    expect(placed.ok && placed.groupIds.flat()).to.deep.equal([11, 12, 12, 12])
  })

  it('places all or nobody, and says where there is no room', () => {
    const modules = [{ moduleId: 7, groups: [group(11, 9, 10), group(12, 8, 10)] }]
    expect(placeNewcomers(modules, 4)).to.deep.equal({ ok: false, moduleId: 7, groupName: null, left: 3 })
    expect(placeNewcomers(modules, 3).ok).to.equal(true)
  })

  it('puts all into the chosen group, where a module has so many', () => {
    const modules = [
      { moduleId: 1, groups: [group(11, 0), group(12, 0)] },
      { moduleId: 2, groups: [group(21, 0)] },
      { moduleId: 3, groups: [] },
    ]
    expect(placeNewcomers(modules, 2, 2)).to.deep.equal({
      ok: true,
      groupIds: [
        [12, 21],
        [12, 21],
      ],
    })
    const full = [{ moduleId: 1, groups: [group(11, 0), group(12, 4, 5)] }]
    expect(placeNewcomers(full, 2, 2)).to.deep.equal({ ok: false, moduleId: 1, groupName: 'Группа 12', left: 1 })
  })

  it('leaves the given counts alone', () => {
    const modules = [{ moduleId: 1, groups: [group(11, 0)] }]
    placeNewcomers(modules, 3)
    expect(modules[0]?.groups[0]?.members).to.equal(0)
  })
})
