/** A servlet filter (Jakarta Servlet 6) that opens and commits the session of a request. */
package dev.cretula.servlet;
