/** The primitives. `imports` of package.json says from where: `crypto-node.js` in Node, `crypto-web.js` elsewhere. */
export * from '#crypto';
