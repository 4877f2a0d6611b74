/** The documentation's examples of the routes about exclusions. */

export const newExclusionsExample = {
  hosts: [
    '203.0.113.0/28',
    '*.payments.example.com',
    { entry: '198.51.100.9', why: 'fragile printer', until: '2026-12-24T18:00:00Z', locked: true },
  ],
  why: 'out of scope by contract, annex B',
  until: '2027-01-31T23:59:59Z',
};

export const exclusionsExample = {
  exclusions: [
    {
      entry: '203.0.113.0/28',
      by: { id: '3f0f3b0a-9a39-4a2e-8a3a-0a6f1f2f9d10', username: 'alice', admin: false },
      at: '2026-11-02T09:30:00.000Z',
      why: 'out of scope by contract, annex B',
      until: '2027-01-31T23:59:59.000Z',
      locked: true,
    },
  ],
  installation: ['192.0.2.1', '*.internal.example.com'],
  installation_hidden: false,
  version: 3,
};
