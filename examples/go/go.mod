module example.com/miragic

go 1.19
