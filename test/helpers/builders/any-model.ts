import fc from 'fast-check';

/** Shapes of models that a ranking could stumble over: equal items, zero rows, extreme sizes. */
export function anyShape(maxRank = 130) {
  return fc.record({
    rank: fc.integer({ min: 1, max: maxRank }),
    users: fc.integer({ min: 1, max: 9 }),
    items: fc.integer({ min: 1, max: 300 }),
    distinctItems: fc.constantFrom(1, 7, 1000),
    growth: fc.constantFrom(0, 1e-6),
    zeroRows: fc.constantFrom(0, 0.3),
    size: fc.constantFrom(1, 1e-3, 1e-20, 1e-23, 1e18, 1e19),
    biases: fc.boolean(),
    seed: fc.nat(),
  });
}

/** Options of lists, for such models: also of items that they do not have. */
export const anyFilter = fc.record({
  count: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 400 })),
  filterSeen: fc.boolean(),
  allow: fc.option(fc.array(fc.nat(310)), { nil: undefined }),
  deny: fc.option(fc.array(fc.nat(310)), { nil: undefined }),
});
