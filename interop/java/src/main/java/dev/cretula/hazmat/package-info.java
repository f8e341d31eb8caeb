/** Only for running the test vectors. */
package dev.cretula.hazmat;
