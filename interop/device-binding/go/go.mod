module cretula.example/device-binding

go 1.24

require cretula.example/cretula v0.0.0

replace cretula.example/cretula => ../../go
