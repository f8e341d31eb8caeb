/** Sealed and signed tokens, keyrings, sessions and their cookies, after the specification Cretula v1. */
package dev.cretula;
