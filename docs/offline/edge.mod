MODULE deburr_edge
  ! Written by Leitai. Not run on a maker's controller / 未在厂家控制器上运行.
  PERS tooldata t_program := [TRUE, [[0.0, 0.0, 150.0], [1.0, 0.0, 0.0, 0.0]], [1.2, [0.0, 0.0, 60.0], [1, 0, 0, 0], 0, 0, 0]];
  CONST robtarget p_above := [[400.0, -100.0, 220.0], [4.329780281177467e-17, 0.7071067811865476, -0.7071067811865475, -4.329780281177466e-17], [-1, -2, -1, 0], [9E9, 9E9, 9E9, 9E9, 9E9, 9E9]];
  CONST robtarget p_bow := [[510.0, 109.99999999999999, 120.00000000000001], [4.329780281177467e-17, 0.7071067811865476, -0.7071067811865475, -4.329780281177466e-17], [0, 0, 0, 0], [9E9, 9E9, 9E9, 9E9, 9E9, 9E9]];
  CONST robtarget p_corner_a := [[400.0, -100.0, 120.00000000000001], [4.329780281177467e-17, 0.7071067811865476, -0.7071067811865475, -4.329780281177466e-17], [-1, -2, -1, 0], [9E9, 9E9, 9E9, 9E9, 9E9, 9E9]];
  CONST robtarget p_corner_b := [[580.0000000000001, -100.0, 120.00000000000001], [4.329780281177467e-17, 0.7071067811865476, -0.7071067811865475, -4.329780281177466e-17], [-1, -2, -1, 0], [9E9, 9E9, 9E9, 9E9, 9E9, 9E9]];
  CONST robtarget p_corner_c := [[440.0, 40.00000000000001, 120.00000000000001], [4.329780281177467e-17, 0.7071067811865476, -0.7071067811865475, -4.329780281177466e-17], [-1, -2, -1, 0], [9E9, 9E9, 9E9, 9E9, 9E9, 9E9]];
  CONST jointtarget j_home := [[0.0, -91.67324722093171, 108.86198107485642, -107.1887338539247, -90.0, 0.0], [9E9, 9E9, 9E9, 9E9, 9E9, 9E9]];
  CONST robtarget p_side := [[580.0000000000001, 40.00000000000001, 120.00000000000001], [4.329780281177467e-17, 0.7071067811865476, -0.7071067811865475, -4.329780281177466e-17], [-1, -2, -1, 0], [9E9, 9E9, 9E9, 9E9, 9E9, 9E9]];
  PROC main()
    ConfJ \Off;
    ConfL \Off;
    ! begins at [[0.0, -91.67324722093171, 108.86198107485642, -107.1887338539247, -90.0, 0.0], [9E9, 9E9, 9E9, 9E9, 9E9, 9E9]]
    VelSet 50.0, 5000;
    AccSet 50.0, 100;
    MoveAbsJ [[-32.898855524653094, -101.71116276588255, 117.85527614114459, -106.14411337526202, -89.99999999999997, -32.898855524653094], [9E9, 9E9, 9E9, 9E9, 9E9, 9E9]], vmax, fine, t_program;
    VelSet 100, 5000;
    AccSet 100, 100;
    SetDO do_1, 1;
    WaitTime 0.5;
    PathAccLim TRUE \AccMax:=0.5, TRUE \DecelMax:=0.5;
    MoveL p_corner_a, [100.0, 500, 5000, 1000], fine, t_program;
    PathAccLim TRUE \AccMax:=0.5, TRUE \DecelMax:=0.5;
    MoveL p_corner_b, [50.0, 500, 5000, 1000], [FALSE, 10.0, 10.0, 10.0, 90, 10.0, 90], t_program;
    PathAccLim TRUE \AccMax:=0.5, TRUE \DecelMax:=0.5;
    MoveL p_side, [50.0, 500, 5000, 1000], [FALSE, 5.0, 5.0, 5.0, 90, 5.0, 90], t_program;
    PathAccLim TRUE \AccMax:=0.5, TRUE \DecelMax:=0.5;
    MoveC p_bow, p_corner_c, [50.0, 500, 5000, 1000], [FALSE, 5.0, 5.0, 5.0, 90, 5.0, 90], t_program;
    PathAccLim TRUE \AccMax:=0.5, TRUE \DecelMax:=0.5;
    MoveL p_corner_a, [50.0, 500, 5000, 1000], fine, t_program;
    PathAccLim TRUE \AccMax:=1.0, TRUE \DecelMax:=1.0;
    MoveL p_above, [200.0, 500, 5000, 1000], fine, t_program;
    SetDO do_1, 0;
    VelSet 50.0, 5000;
    AccSet 50.0, 100;
    MoveAbsJ j_home, vmax, fine, t_program;
    VelSet 100, 5000;
    AccSet 100, 100;
  ENDPROC
ENDMODULE
