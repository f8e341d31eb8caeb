/** Helpers for the tests of applications. */
package dev.cretula.testing;
