/** Who can sign in at the sample identity provider. */
export const people = [
  { id: 'alice', name: 'Alice Archer', email: 'alice@example.com', groups: ['HR'] },
  { id: 'bob', name: 'Bob Baker', email: 'bob@example.com', groups: ['IT'] },
  { id: 'carol', name: 'Carol Cooper', email: 'carol@example.com', groups: ['HR', 'IT'] },
  { id: 'eve', name: 'Eve Ellis', email: 'eve@example.com', groups: [] },
];

export const personById = (id) => people.find((person) => person.id === id);
