/** JSON values that keep numbers and names as they are: for the application's data of a session. */
package dev.cretula.json;
