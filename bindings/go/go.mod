module rustedring

go 1.26
