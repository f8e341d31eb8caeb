/** Cretula: sealed and signed tokens for web sessions. */
module dev.cretula {
    requires static jakarta.servlet;

    exports dev.cretula;
    exports dev.cretula.hazmat;
    exports dev.cretula.json;
    exports dev.cretula.servlet;
    exports dev.cretula.testing;
}
